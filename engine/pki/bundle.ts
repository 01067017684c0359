import { X509Certificate } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { parseKubeconfig } from './kubeconfig.ts'

/** A certificate of a file, with what stands beside it in the same place: its chain, when it is the first. */
export interface Bundle {
  /** Where in a kubeconfig: `user admin`, `cluster kubernetes`. */
  readonly within: string | undefined
  readonly certificates: readonly X509Certificate[]
}

const BLOCK = /-----BEGIN (X509 )?CERTIFICATE-----[\s\S]*?-----END (X509 )?CERTIFICATE-----/g

/**
 * All certificates that a file holds: PEM (keys and texts between them do not matter), DER, or embedded in a kubeconfig. Empty when it
 * holds none. Throws a Problem 'pki', which names `what`, for a certificate that cannot be read.
 */
export function bundlesIn(file: Buffer, what: string): Bundle[] {
  const text = file.toString('latin1')
  if (text.includes('-----BEGIN')) return bundle(pemIn(text, what))
  // A SEQUENCE with a length of two bytes: what every certificate begins with, and hardly another file.
  if (file[0] === 0x30 && file[1] === 0x82) return bundle(derIn(file))
  if (/\b(client-certificate|certificate-authority)-data\b/.test(text)) return embeddedIn(file.toString('utf8'), what)
  return []
}

const bundle = (certificates: X509Certificate[], within?: string): Bundle[] =>
  certificates.length === 0 ? [] : [{ within, certificates }]

function pemIn(text: string, what: string): X509Certificate[] {
  return (text.match(BLOCK) ?? []).map((block) => {
    try {
      return new X509Certificate(block.replaceAll('X509 CERTIFICATE', 'CERTIFICATE'))
    } catch {
      throw new Problem('pki', `A certificate in ${what} cannot be read`, { hint: 'Is the file whole?' })
    }
  })
}

function derIn(file: Buffer): X509Certificate[] {
  try {
    return [new X509Certificate(file)]
  } catch {
    // Another thing in DER, a key or a request: no certificate.
    return []
  }
}

function embeddedIn(text: string, what: string): Bundle[] {
  const config = parseKubeconfig(text, what)
  return [
    ...entriesOf(config['users'], 'user', 'client-certificate-data'),
    ...entriesOf(config['clusters'], 'cluster', 'certificate-authority-data'),
  ].flatMap(({ name, data }) =>
    bundle(pemIn(Buffer.from(data, 'base64').toString('latin1'), `${name} of ${what}`), name),
  )
}

function entriesOf(list: unknown, part: string, field: string): { name: string; data: string }[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: { name?: unknown; [part: string]: unknown } | null) => {
    const data = (entry?.[part] as Record<string, unknown> | null | undefined)?.[field]
    return typeof data === 'string' && data !== '' ? [{ name: `${part} ${entry!.name}`, data }] : []
  })
}
