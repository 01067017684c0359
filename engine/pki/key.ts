import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { Problem } from '../base/problem.ts'
import type { KeyAlgorithm, KeyRequest } from './request.ts'

const generate = promisify(generateKeyPair)
const CURVES: Record<number, string> = { 256: 'prime256v1', 384: 'secp384r1', 521: 'secp521r1' }
const SIZES: Record<string, number> = {
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp224r1: 224,
  secp256k1: 256,
}

/** A new private key. The work is done off the main thread: an RSA key of 4096 bits takes seconds. */
export async function generateKey(request: KeyRequest): Promise<KeyObject> {
  if (request.algo === 'rsa') return (await generate('rsa', { modulusLength: request.size })).privateKey
  if (request.algo === 'ed25519') return (await generate('ed25519')).privateKey
  return (await generate('ec', { namedCurve: CURVES[request.size]! })).privateKey
}

/** As cfssl writes it: PKCS#1 for RSA, SEC1 for ECDSA, and PKCS#8 for Ed25519, which has no form of its own. */
export function keyPem(key: KeyObject): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8'
  return key.export({ format: 'pem', type } as { format: 'pem'; type: 'pkcs8' }).toString()
}

/** The public half as openssl's `rsa -pubout` writes it: SPKI. */
export const publicPem = (key: KeyObject): string => publicOf(key).export({ format: 'pem', type: 'spki' }).toString()

export const publicOf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key)

/**
 * Reads a private key in PEM, of any kind. `what` names it; neither the text nor OpenSSL's words get into the Problem
 * 'pki'.
 */
export function loadKey(pem: string, what = 'the private key', passphrase?: string): KeyObject {
  // cfssl 1.5 and later label Ed25519 keys so, and no other program reads that.
  const text = pem.replaceAll('Ed25519 PRIVATE KEY', 'PRIVATE KEY')
  try {
    return createPrivateKey(passphrase === undefined ? text : { key: text, passphrase })
  } catch (thrown) {
    const code = (thrown as { code?: string }).code ?? ''
    if (code === 'ERR_MISSING_PASSPHRASE' || (passphrase === undefined && /ENCRYPTED/.test(text))) {
      throw new Problem('pki', `${capital(what)} is encrypted`, { hint: 'Give its passphrase, or a key without one.' })
    }
    throw new Problem('pki', `${capital(what)} cannot be read`, { hint: keyHint(text, passphrase !== undefined) })
  }
}

function keyHint(text: string, withPassphrase: boolean): string {
  if (withPassphrase && /ENCRYPTED/.test(text)) return 'Is the passphrase right?'
  if (text.includes('BEGIN OPENSSH PRIVATE KEY'))
    return 'This is a key for SSH; a certificate needs one in PKCS#1, SEC1 or PKCS#8.'
  if (text.includes('BEGIN CERTIFICATE'))
    return 'This is a certificate; the key begins with "-----BEGIN … PRIVATE KEY-----".'
  if (text.includes('BEGIN PUBLIC KEY'))
    return 'This is a public key; the private one begins with "-----BEGIN … PRIVATE KEY-----".'
  return 'A key in PEM begins with "-----BEGIN … PRIVATE KEY-----". Is the file whole?'
}

/** Algorithm and size in bits; anything but rsa, ecdsa and ed25519 goes by OpenSSL's name. */
export function kindOfKey(key: KeyObject): { algo: KeyAlgorithm | string; size: number } {
  const details = key.asymmetricKeyDetails
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { algo: 'rsa', size: details?.modulusLength ?? 0 }
    case 'ec':
      return { algo: 'ecdsa', size: SIZES[details?.namedCurve ?? ''] ?? 0 }
    case 'ed25519':
      return { algo: 'ed25519', size: 256 }
    default:
      return { algo: key.asymmetricKeyType ?? 'unknown', size: details?.modulusLength ?? 0 }
  }
}

/** `rsa 2048`, `ecdsa 384`, `ed25519`. */
export const sayKind = (kind: { algo: string; size: number }): string =>
  kind.algo === 'ed25519' ? kind.algo : `${kind.algo} ${kind.size}`

/** Whether a private key is the one a certificate was issued for. Unreadable ones are a Problem 'pki'. */
export function fits(key: KeyObject | string, certificate: X509Certificate | string): boolean {
  return readCertificate(certificate).checkPrivateKey(typeof key === 'string' ? loadKey(key) : key)
}

/** Reads the first certificate of a PEM text. `what` names it in the Problem 'pki'. */
export function readCertificate(certificate: X509Certificate | string, what = 'the certificate'): X509Certificate {
  if (typeof certificate !== 'string') return certificate
  try {
    return new X509Certificate(certificate)
  } catch {
    throw new Problem('pki', `${capital(what)} cannot be read`, {
      hint: certificate.includes('PRIVATE KEY')
        ? 'This is a private key; a certificate begins with "-----BEGIN CERTIFICATE-----".'
        : 'A certificate in PEM begins with "-----BEGIN CERTIFICATE-----". Is the file whole?',
    })
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
