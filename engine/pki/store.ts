import { createPublicKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { Problem } from '../base/problem.ts'
import { type Authority, issue } from './certificate.ts'
import { inspect } from './inspect.ts'
import { type Judged, reasonsToReissue } from './judge.ts'
import { fits, generateKey, keyPem, kindOfKey, loadKey, publicPem, readCertificate, sayKind } from './key.ts'
import { withLock } from './lock.ts'
import { checkPrivateFolder, ensurePrivateFolder, readIfThere, readPrivate, writePrivate } from './private-file.ts'
import type { Profile } from './profiles.ts'
import type { CertificateRequest, KeyRequest } from './request.ts'

/** A certificate and its key as they lie in the PKI folder, `NAME.crt` and `NAME.key`. */
export interface Stored extends Authority {
  /** Whether anything was written just now. */
  readonly created: boolean
  /** Why it was; empty: kept as it was. */
  readonly reasons: readonly string[]
}

export interface Peeked {
  readonly certPem: string | null
  readonly keyPem: string | null
  /** Why `ensure…` would issue it; empty: it would be kept. */
  readonly reasons: readonly string[]
}

export interface StoreOptions {
  /** Milliseconds before the end from which on to reissue; 0 by default. */
  readonly renewBefore?: number
  readonly now?: Date
}

export interface SigningOptions extends StoreOptions {
  readonly ca: Authority
  readonly profile: Profile
}

/**
 * An authority of the PKI folder, made or renewed when it must be, by one run at a time. A renewed one keeps its key,
 * so that
 * what it signed stays good, unless another kind of key is asked for. A key that is lost or does not fit is a Problem
 * 'pki':
 * making a new authority in its place is a person's decision, everything it signed would be worth nothing.
 */
export async function ensureAuthority(
  folder: string,
  name: string,
  request: CertificateRequest,
  options: StoreOptions = {},
): Promise<Stored> {
  return ensure(folder, name, request, options)
}

/** What `ensureAuthority` would find and do; reads only. */
export async function peekAuthority(
  folder: string,
  name: string,
  request: CertificateRequest,
  options: StoreOptions = {},
): Promise<Peeked> {
  return peek(folder, name, request, options)
}

/**
 * An authority of the PKI folder as it lies there, to sign with; null when there is none. Reads only. One that is only
 * half there is a Problem 'pki'.
 */
export async function storedAuthority(folder: string, name: string): Promise<Authority | null> {
  const paths = pathsOf(folder, name)
  await checkPrivateFolder(folder)
  const [certPem, keyPem] = [await readIfThere(paths.cert), await readPrivate(paths.key)]
  checkAuthority(certPem, keyPem, paths)
  return certPem === null || keyPem === null ? null : { certPem, keyPem }
}

/**
 * A certificate signed by an authority and kept in the PKI folder, for what several hosts share. A new certificate has
 * a new key.
 */
export async function ensureCertificate(
  folder: string,
  name: string,
  request: CertificateRequest,
  options: SigningOptions,
): Promise<Stored> {
  return ensure(folder, name, request, options)
}

/** What `ensureCertificate` would find and do; reads only. */
export async function peekCertificate(
  folder: string,
  name: string,
  request: CertificateRequest,
  options: SigningOptions,
): Promise<Peeked> {
  return peek(folder, name, request, options)
}

type Options = StoreOptions & Partial<Pick<SigningOptions, 'ca' | 'profile'>>

async function ensure(folder: string, name: string, request: CertificateRequest, options: Options): Promise<Stored> {
  const paths = pathsOf(folder, name)
  await ensurePrivateFolder(folder)
  // Without the lock, a pair just being replaced may look wrong: what is not well is looked at again with it.
  const first = await peek(folder, name, request, options).then(keptOf, () => undefined)
  if (first) return first
  return withLock(join(folder, `.${name}.lock`), async () => {
    const peeked = await peek(folder, name, request, options)
    const kept = keptOf(peeked)
    if (kept) return kept
    const { certPem, keyPem, reasons } = peeked
    const { ca, profile, now } = options
    const key = ca || keyPem === null || !isOfKind(keyPem, request.key) ? undefined : keyPem
    const issued = await issue({
      request,
      ...(ca ? { ca } : {}),
      ...(profile ? { profile } : {}),
      ...(key === undefined ? {} : { keyPem: key }),
      ...(now ? { now } : {}),
    })
    // The key first: without a certificate, a key is one to go on with; the other way round, neither is worth anything.
    if (issued.keyPem !== keyPem) {
      if (certPem !== null && !ca) await writePrivate(`${paths.key}.old`, keyPem ?? '')
      await writePrivate(paths.key, issued.keyPem)
    }
    await writePrivate(paths.cert, issued.certPem)
    return { ...issued, created: true, reasons }
  })
}

function keptOf({ certPem, keyPem, reasons }: Peeked): Stored | undefined {
  return reasons.length === 0 && certPem !== null && keyPem !== null
    ? { certPem, keyPem, created: false, reasons }
    : undefined
}

async function peek(folder: string, name: string, request: CertificateRequest, options: Options): Promise<Peeked> {
  const paths = pathsOf(folder, name)
  await checkPrivateFolder(folder)
  const certPem = await readIfThere(paths.cert)
  const keyPem = await readPrivate(paths.key)
  if (!options.ca) checkAuthority(certPem, keyPem, paths)
  const { ca, profile, now, renewBefore = 0 } = options
  const judged: Judged = {
    certPem,
    keyPem,
    request,
    renewBefore,
    ...(profile ? { profile } : {}),
    ...(ca ? { caCertPem: ca.certPem } : {}),
    ...(now ? { now } : {}),
  }
  return { certPem, keyPem, reasons: reasonsToReissue(judged) }
}

function checkAuthority(certPem: string | null, keyText: string | null, paths: { cert: string; key: string }): void {
  const hint =
    `Bring the right ${paths.key} back, or move both files away to begin a new authority ` +
    '(all its certificates are then issued again).'
  if (keyText === null) {
    if (certPem === null) return
    throw new Problem('pki', `The authority ${paths.cert} has no private key: ${paths.key} is missing`, { hint })
  }
  const key = loadKey(keyText, `the private key ${paths.key}`)
  if (certPem === null) return
  const certificate = readCertificate(certPem, `the certificate ${paths.cert}`)
  if (!fits(key, certificate)) {
    throw new Problem(
      'pki',
      `${paths.key} is not the private key of ${inspect(certificate).subjectText} in ${paths.cert}`,
      { hint },
    )
  }
}

function isOfKind(keyText: string, request: KeyRequest): boolean {
  return sayKind(kindOfKey(loadKey(keyText))) === sayKind(request)
}

export interface KeyPair {
  /** PKCS#1, as `openssl genrsa -traditional` writes it. A secret. */
  readonly privatePem: string
  /** SPKI, as `openssl rsa -pubout` writes it. */
  readonly publicPem: string
  readonly created: boolean
  readonly reasons: readonly string[]
}

/**
 * A bare key pair of the PKI folder, `NAME.key` and `NAME.pub`: Kubernetes' service-account key. RSA 2048 by default.
 */
export async function ensureKeyPair(
  folder: string,
  name: string,
  request: KeyRequest = { algo: 'rsa', size: 2048 },
): Promise<KeyPair> {
  const paths = pathsOf(folder, name)
  await ensurePrivateFolder(folder)
  const first = await peekKeyPair(folder, name).catch(() => undefined)
  if (first && first.reasons.length === 0) return keptPair(first)
  return withLock(join(folder, `.${name}.lock`), async () => {
    const peeked = await peekKeyPair(folder, name)
    if (peeked.reasons.length === 0) return keptPair(peeked)
    const privatePem = peeked.privateText ?? keyPem(await generateKey(request))
    const key = loadKey(privatePem, `the private key ${paths.key}`)
    if (peeked.privateText === null) await writePrivate(paths.key, privatePem)
    await writePrivate(paths.public, publicPem(key))
    return { privatePem, publicPem: publicPem(key), created: true, reasons: peeked.reasons }
  })
}

const keptPair = ({ privateText, publicText, reasons }: PeekedPair): KeyPair => ({
  privatePem: privateText!,
  publicPem: publicText!,
  created: false,
  reasons,
})

export interface PeekedPair {
  readonly privateText: string | null
  readonly publicText: string | null
  /** Why `ensureKeyPair` would write; empty: both halves are kept. */
  readonly reasons: readonly string[]
}

/**
 * What `ensureKeyPair` would find and do; reads only. A public key is made again from the private one, never the other
 * way.
 */
export async function peekKeyPair(folder: string, name: string): Promise<PeekedPair> {
  const paths = pathsOf(folder, name)
  await checkPrivateFolder(folder)
  const privateText = await readPrivate(paths.key)
  const publicText = await readIfThere(paths.public)
  if (privateText === null) {
    if (publicText === null) return { privateText, publicText, reasons: ['the key pair is missing'] }
    throw new Problem('pki', `${paths.public} has no private key: ${paths.key} is missing`, {
      hint: `Bring ${paths.key} back, or move ${paths.public} away: what the old pair signed is then worth nothing.`,
    })
  }
  const key = loadKey(privateText, `the private key ${paths.key}`)
  if (publicText === null) return { privateText, publicText, reasons: ['the public key is missing'] }
  return {
    privateText,
    publicText,
    reasons: isPublicOf(publicText, key) ? [] : ['the public key does not fit the private key'],
  }
}

function isPublicOf(publicText: string, key: KeyObject): boolean {
  try {
    return createPublicKey(publicText).equals(createPublicKey(key as never))
  } catch {
    return false
  }
}

function pathsOf(folder: string, name: string): { cert: string; key: string; public: string } {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new Problem('pki', `${JSON.stringify(name)} cannot be the name of a file in the PKI folder`, {
      hint: 'Use letters, digits, dots, dashes and underscores, such as "kubernetes-front-proxy-ca".',
    })
  }
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`), public: join(folder, `${name}.pub`) }
}
