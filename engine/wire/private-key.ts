import { createPrivateKey, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import ssh2, { type ParsedKey } from 'ssh2'
import { contentOf } from './local-file.ts'

export type Passphrase = (keyFile: string) => Promise<string | undefined>

/** A key that can be used, or why not, in words. */
export type LoadedKey = { readonly key: ParsedKey } | { readonly missing: true } | { readonly unusable: string }

/** Opening a key with a passphrase takes a third of a second: once a file is enough. */
const loaded = new Map<string, Promise<LoadedKey>>()

export async function loadKey(file: string, passphrase: Passphrase | undefined): Promise<LoadedKey> {
  let text: Buffer
  try {
    text = await contentOf(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { missing: true } : { unusable: message }
  }
  const id = `${file}\0${text.toString('latin1')}`
  let loading = loaded.get(id)
  if (!loading) {
    loading = open(file, text, passphrase)
    loaded.set(id, loading)
    // Without the passphrase it may be asked for again, by somebody who knows it.
    void loading.then(
      (result) => 'key' in result || loaded.delete(id),
      () => loaded.delete(id),
    )
  }
  return loading
}

async function open(file: string, text: Buffer, passphrase: Passphrase | undefined): Promise<LoadedKey> {
  const first = parse(text)
  if ('key' in first || !isEncrypted(text, first.unusable)) return first
  const word = await passphrase?.(file)
  if (word === undefined) return { unusable: 'it is encrypted and no passphrase was given' }
  const second = isOpenssh(text) ? await parseApart(text, word) : parse(text, word)
  return 'key' in second ? second : { unusable: 'the passphrase does not open it' }
}

const isOpenssh = (text: Buffer) => text.includes('-----BEGIN OPENSSH PRIVATE KEY')

/** What a thread of its own does: the key's many rounds would keep all hosts waiting. */
const OPENER = `
const { parentPort, workerData } = require('node:worker_threads')
const key = require(workerData.ssh2).utils.parseKey(workerData.text, workerData.passphrase)
parentPort.postMessage(key instanceof Error ? { unusable: key.message } : { pem: key.getPrivatePEM() })`

async function parseApart(text: Buffer, passphrase: string): Promise<ReturnType<typeof parse>> {
  const { Worker } = await import('node:worker_threads')
  const workerData = { ssh2: createRequire(import.meta.url).resolve('ssh2'), text: text.toString('latin1'), passphrase }
  const worker = new Worker(OPENER, { eval: true, workerData, execArgv: [] })
  const [said] = (await once(worker, 'message')) as [{ unusable: string } | { pem: string }]
  return 'pem' in said ? parse(Buffer.from(said.pem)) : said
}

function parse(text: Buffer, passphrase?: string): { key: ParsedKey } | { unusable: string } {
  const pem =
    text.toString('latin1').includes('-----BEGIN PRIVATE KEY') ||
    text.toString('latin1').includes('-----BEGIN ENCRYPTED PRIVATE')
  try {
    const key = ssh2.utils.parseKey(pem ? fromPkcs8(text, passphrase) : text, pem ? undefined : passphrase)
    if (key instanceof Error) return { unusable: key.message }
    return { key }
  } catch (error) {
    return { unusable: (error as Error).message }
  }
}

function isEncrypted(text: Buffer, why: string): boolean {
  return /ENCRYPTED/.test(text.toString('latin1', 0, 200)) || /passphrase|encrypted/i.test(why)
}

/** ssh2 reads the older forms only. */
function fromPkcs8(text: Buffer, passphrase: string | undefined): string | Buffer {
  const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase !== undefined && { passphrase }) })
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' })
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' })
  if (key.asymmetricKeyType === 'ed25519') return ed25519(key)
  throw new Error(`a key of type ${key.asymmetricKeyType} is not one for ssh`)
}

function ed25519(key: KeyObject): string {
  const { x, d } = key.export({ format: 'jwk' })
  const open = Buffer.from(x!, 'base64url')
  const pair = Buffer.concat([Buffer.from(d!, 'base64url'), open])
  const type = field('ssh-ed25519')
  const secret = Buffer.concat([Buffer.alloc(8), type, field(open), field(pair), field('')])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8))
  const count = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    count,
    field(Buffer.concat([type, field(open)])),
    field(Buffer.concat([secret, padding])),
  ])
  const lines = whole.toString('base64').replace(/.{70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
