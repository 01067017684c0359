// What V8 compiled of this program is kept from run to run, so that beginning takes half the time.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'
import { cacheFolder } from '../base/cache-folder.ts'

interface Compiler {
  _compile(this: Module, text: string, file: string): unknown
}
/** What Node has since 22.1 for just this. */
interface Newer {
  readonly enableCompileCache?: (folder: string) => unknown
}
/** By the digest of a file's text. */
type Kept = ReadonlyMap<string, Buffer>

/** Bytes; what is more is of builds long gone. */
const LIMIT = 6 << 20

/**
 * To be called after the flags of V8 are set, for what is compiled with others cannot be used. Whatever is wrong with what is
 * kept, the program runs without it: it only takes longer to begin.
 */
export function keepCompiled(): void {
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return
  const folder = cacheFolder('compiled')
  const { enableCompileCache } = Module as Newer
  if (enableCompileCache) enableCompileCache(folder)
  else keepScripts(join(folder, `${process.version}-${cachedDataVersionTag().toString(16)}`))
}

function keepScripts(file: string): void {
  const kept = read(file)
  const scripts = new Map<string, Script>()
  let more = false
  const compiler = (Module as unknown as { prototype: Compiler }).prototype
  const compile = compiler._compile
  compiler._compile = function (text, path) {
    // A script of its own cannot import.
    if (text.includes('import(')) return compile.call(this, text, path)
    const digest = digestOf(text)
    const cachedData = kept.get(digest)
    const script = new Script(Module.wrap(text), { filename: path, ...(cachedData && { cachedData }) })
    scripts.set(digest, script)
    if (cachedData === undefined || script.cachedDataRejected) more = true
    const body = script.runInThisContext() as (...words: unknown[]) => unknown
    return body.call(this.exports, this.exports, createRequire(path), this, path, dirname(path))
  }
  process.once('exit', () => {
    if (!more) return
    // Now functions are in it that were compiled when they were called. What this run had no need of stays for the next.
    const now = [...scripts].map(([digest, script]) => [digest, script.createCachedData()] as const)
    const all = new Map([...kept, ...now])
    write(file, [...all.values()].reduce((sum, { length }) => sum + length, 0) > LIMIT ? new Map(now) : all)
  })
}

/** Only what this user wrote, and nobody else can have: it is run. */
function read(file: string): Kept {
  try {
    const handle = openSync(file, 'r')
    try {
      const { uid, mode } = fstatSync(handle)
      if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return new Map()
      return unpacked(readFileSync(handle))
    } finally {
      closeSync(handle)
    }
  } catch {
    return new Map()
  }
}

function write(file: string, kept: Kept): void {
  const temporary = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(temporary, packed(kept), { mode: 0o600, flag: 'wx' })
    renameSync(temporary, file)
  } catch {
    rmSync(temporary, { force: true })
  }
}

/** A digest, for V8 takes what is damaged as it is; a line that says what is where; and all of it. */
function packed(kept: Kept): Buffer {
  const index = JSON.stringify([...kept].map(([digest, { length }]) => [digest, length]))
  const rest = Buffer.concat([Buffer.from(`${index}\n`), ...kept.values()])
  return Buffer.concat([Buffer.from(`${digestOf(rest)}\n`), rest])
}

/** Nothing when it is not whole. */
function unpacked(bytes: Buffer): Kept {
  const head = bytes.indexOf('\n') + 1
  const rest = bytes.subarray(head)
  if (bytes.toString('latin1', 0, head) !== `${digestOf(rest)}\n`) return new Map()
  let start = rest.indexOf('\n') + 1
  const index = JSON.parse(rest.toString('latin1', 0, start)) as [string, number][]
  return new Map(
    index.map(([digest, length]) => {
      start += length
      return [digest, rest.subarray(start - length, start)]
    }),
  )
}

function digestOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
