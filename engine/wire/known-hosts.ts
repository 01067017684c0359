import { createHash, createHmac } from 'node:crypto'
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { contentOf } from './local-file.ts'

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly file: string
  readonly line: number
  readonly marker?: 'revoked' | 'cert-authority'
  readonly names: string
  readonly type: string
  readonly key: Buffer
}

/** `host`, or `[host]:port` when the port is not 22: how OpenSSH names a host there. */
export function knownName(address: string, port: number): string {
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`
}

/** As ssh-keygen prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The type that a key's own bytes name: `ssh-ed25519`. */
export function keyType(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}

/** The lines of known_hosts text; what is no such line is passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const found: KnownHost[] = []
  text.split('\n').forEach((raw, index) => {
    const words = raw.trim().split(/[ \t]+/)
    if (words[0] === '' || words[0]!.startsWith('#')) return
    const marker = words[0]!.startsWith('@') ? words.shift()!.slice(1) : undefined
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return
    const [names, type, key] = words
    if (!names || !type || !key) return
    found.push({ file, line: index + 1, ...(marker && { marker }), names, type, key: Buffer.from(key, 'base64') })
  })
  return found
}

/** By what was read: every host of a run asks the same files. */
const parsed = new WeakMap<Buffer, readonly KnownHost[]>()

function linesOf(file: string, content: Buffer): readonly KnownHost[] {
  let lines = parsed.get(content)
  if (!lines) {
    lines = parseKnownHosts(content.toString('utf8'), file)
    parsed.set(content, lines)
  }
  return lines
}

/** The lines of several files that speak of a host. A file that does not exist has none; one that cannot be read throws. */
export async function knownHosts(files: readonly string[], name: string): Promise<KnownHost[]> {
  const found: KnownHost[] = []
  for (const file of files) {
    let content: Buffer
    try {
      content = await contentOf(file)
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue
      throw error
    }
    found.push(...linesOf(file, content).filter((entry) => namesMatch(entry.names, name)))
  }
  return found
}

/** Hashed (`|1|salt|hash`), or a list of patterns with `*`, `?` and `!`: one negated match refuses the line. */
export function namesMatch(names: string, name: string): boolean {
  if (names.startsWith('|1|')) {
    const [, , salt, hash] = names.split('|')
    return (
      createHmac('sha1', Buffer.from(salt ?? '', 'base64'))
        .update(name)
        .digest('base64') === hash
    )
  }
  let matched = false
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!')
    if (!glob(negated ? pattern.slice(1) : pattern, name)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

function glob(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern.toLowerCase() === name
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${source}$`).test(name)
}

/** Adds a line in one write, so that several of us at once do not mix theirs; the folder and file are made private. */
export async function addKnownHost(file: string, name: string, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const size = await stat(file).then(
    (info) => info.size,
    () => 0,
  )
  const unfinished = size > 0 && !(await readFile(file)).subarray(-1).equals(Buffer.from('\n'))
  const line = `${name} ${keyType(key)} ${key.toString('base64')}\n`
  await appendFile(file, `${unfinished ? '\n' : ''}${line}`, { mode: 0o600 })
}
