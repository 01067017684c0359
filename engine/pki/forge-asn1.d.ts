/** node-forge's ASN.1 part alone: the whole package takes ten times as long to load. */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge'
  export default asn1
}
