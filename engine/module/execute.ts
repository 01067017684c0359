import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../base/problem.ts'
import { adviceOn, plainly } from '../state/advice.ts'
import { changesAll, type Effect } from '../state/effect.ts'
import type { HostMemory } from '../state/host-memory.ts'
import { type Content, effectsOf, type Step, type Streamed } from '../state/step.ts'
import type { Looks } from '../state/view.ts'
import type { Become, Connection, Item, Reply } from '../wire/connection.ts'
import { IN_OWN, newName, openBeside } from '../wire/own-file.ts'
import { ENTER_OWN, findOwn, makeOwn } from '../wire/own-folder.ts'
import { quote } from '../wire/quote.ts'
import { controllerTrouble } from './controller-trouble.ts'
import { receiveTree } from './pulled.ts'
import { readShared, type SharedFile } from './shared-file.ts'

/** Bytes that still travel inside a script; more stream through a channel of their own. */
const INLINE = 192 * 1024

export interface Executor {
  readonly connection: Connection
  readonly as?: Become | undefined
  readonly memory: HostMemory
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for all the steps together. */
  readonly timeout?: number | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Looks to make right after the steps, in the same round trip. */
  readonly looksAfter?: (effects: readonly Effect[]) => Looks
  readonly onProgress?: ((what: string, done: number, total: number | undefined) => void) | undefined
}

/**
 * Does a task's steps, in order, in one round trip (and one for each large transfer). Stops at the first that fails.
 * What may have changed is outdated in any case. Throws step-failed with the step's own words.
 */
export async function execute(steps: readonly Step[], executor: Executor): Promise<Reply[]> {
  const sent: (Temporary | undefined)[] = []
  let made = false
  const received: Reply[] = []
  try {
    let scripts: { script: string }[] = []
    let waiting: Step[] = []
    const run = (looks: readonly Item[]) =>
      executor.connection.run([...scripts, ...looks.map((item) => ({ ...item, optional: true }))], {
        as: executor.as,
        stopOnFailure: true,
        signal: executor.signal,
        timeout: executor.timeout ?? timeoutOf(steps),
      })
    for (const step of steps) {
      if (step.receive) {
        try {
          if ('files' in step.receive) await receiveTree(step.receive, (from, to) => receive({ from, to }, executor))
          else await receive(step.receive, executor)
        } catch (thrown) {
          const { from, to } = step.receive
          throw controllerTrouble(thrown, 'files' in step.receive ? step.show : `bring ${from} to ${to}`)
        }
        received.push({ status: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) })
        continue
      }
      const temporary = temporaryFor(step)
      sent.push(temporary)
      if (temporary !== undefined) {
        // What goes beside its target needs the folder that an earlier step makes.
        if (waiting.some((earlier) => earlier.name !== 'write')) {
          received.push(...succeeded(waiting, await run([])))
          scripts = []
          waiting = []
        }
        await sendLarge(step, temporary, executor)
      }
      scripts.push({ script: await scriptOf(step, temporary, executor.environment) })
      waiting.push(step)
    }
    if (scripts.length === 0) return received
    const effects = effectsOf(steps)
    const looks = staysAsItIs(steps, executor) ? executor.looksAfter?.(effects) : undefined
    const all = await run(looks?.items ?? [])
    const replies = succeeded(waiting, all.slice(0, scripts.length))
    executor.memory.outdate(effects)
    looks?.settle(all.slice(scripts.length))
    made = true
    return [...received, ...replies]
  } catch (thrown) {
    await removeLeft(
      sent.flatMap((one) => (one ? [one.folder ?? one.file] : [])),
      executor,
    )
    throw thrown
  } finally {
    if (!made) executor.memory.outdate(effectsOf(steps))
  }
}

/** Whether what is seen right after the steps is what tasks to come would see. What goes on by itself, or may be killed, is not over. */
function staysAsItIs(steps: readonly Step[], executor: Executor): boolean {
  const mayChangeAll = (step: Step) => step.effects.some(changesAll)
  if (!steps.some(mayChangeAll)) return true
  return (
    (executor.timeout ?? timeoutOf(steps)) === undefined && steps.every((step) => step.opaque || !mayChangeAll(step))
  )
}

/** The texts that do these steps later, by themselves on the host; what is large is sent first. */
export async function scriptsOf(steps: readonly Step[], executor: Executor): Promise<string[]> {
  const scripts: string[] = []
  for (const step of steps) {
    // A folder that an earlier step makes is not there yet.
    const placed = scripts.length === 0 || step.beside === undefined ? step : { ...step, beside: '/tmp/file' }
    const temporary = temporaryFor(placed)
    if (temporary !== undefined) await sendLarge(placed, temporary, executor)
    scripts.push(await scriptOf(step, temporary, executor.environment))
  }
  return scripts
}

/** The replies of steps, none of which failed; throws what the last one that ran said. */
export function succeeded(steps: readonly Step[], replies: Reply[]): Reply[] {
  const last = replies.length - 1
  const failed = steps[last]!
  if (replies[last]!.status !== 0 && !failed.opaque) throw stepFailed(failed, replies[last]!)
  return replies
}

function timeoutOf(steps: readonly Step[]): number | undefined {
  const given = steps.map((step) => step.timeout).filter((time) => time !== undefined)
  return given.length === 0 ? undefined : given.reduce((sum, time) => sum + time, 0)
}

function stepFailed(step: Step, reply: Reply): Problem {
  const words = (reply.stderr.toString('utf8').trim() || reply.stdout.toString('utf8').trim())
    .split('\n')
    .slice(-20)
    .join('\n')
  return stepFailure(step, words || `exit status ${reply.status}`)
}

function stepFailure(step: Step, words: string): Problem {
  const said = plainly(words)
  return new Problem('step-failed', `Could not ${step.show}: ${said}`, { hint: adviceOn(said) })
}

async function bytesOf(content: Content | Streamed): Promise<Buffer | undefined> {
  if (Buffer.isBuffer(content)) return content
  if ('stream' in content) return Buffer.concat(await content.stream().toArray())
  return 'make' in content ? content.make() : undefined
}

/** Whether what the step sends, if anything, travels inside its script. */
export function isInline({ send }: Step): boolean {
  if (!send) return true
  return Buffer.isBuffer(send) ? send.length <= INLINE : !('size' in send) || send.size <= INLINE
}

/** Where what is too large for a script goes first. What is beside a target, where others may write, has a folder of its own. */
interface Temporary {
  readonly file: string
  readonly folder?: string
}

function temporaryFor(step: Step): Temporary | undefined {
  if (isInline(step)) return undefined
  const name = newName()
  if (step.beside === undefined) return { file: posix.join('/tmp', name) }
  const folder = posix.join(posix.dirname(step.beside), name)
  return { folder, file: posix.join(folder, 'file') }
}

async function sendLarge(step: Step, temporary: Temporary, executor: Executor): Promise<void> {
  const total = Buffer.isBuffer(step.send) ? step.send.length : (step.send as { size: number }).size
  const source = sourceOf(step.send!)
  const sending = executor.connection.put(source, temporary.file, {
    as: executor.as,
    apart: temporary.folder === undefined ? undefined : { size: total },
    signal: executor.signal,
    onProgress: (done) => executor.onProgress?.(step.show, done, total),
  })
  await sending.catch((thrown: unknown) => {
    // Of the file that people asked for, not of the one it was to become.
    if (thrown instanceof Problem && thrown.code === 'step-failed')
      throw stepFailure(step, thrown.message.slice(thrown.message.lastIndexOf(': ') + 2))
    throw thrown
  })
}

function sourceOf(send: Content | Streamed): Buffer | Readable {
  if (Buffer.isBuffer(send)) return send
  return 'stream' in send ? send.stream() : readShared(send as SharedFile)
}

/** The text that does a step. */
export async function scriptOf(
  step: Step,
  temporary: Temporary | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const exported = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`)
  const lines = [...exported, ...(step.named ? [`tsplay_n=${newName()}`] : [])]
  if (temporary?.folder !== undefined) {
    lines.push(findOwn(posix.dirname(temporary.folder), posix.basename(temporary.folder)))
    lines.push(step.opened ? IN_OWN : 'set -- "$tsplay_d/file"')
  } else if (temporary)
    lines.push(`tsplay_s=${quote(temporary.file)}`, 'set -- "$tsplay_s"', `trap 'rm -f -- "$tsplay_s"' EXIT`)
  else if (step.send) {
    const bytes = 'file' in step.send ? await readWhole(step.send.file) : (await bytesOf(step.send))!
    lines.push(...inline(step, bytes))
  }
  return [...lines, step.script].join('\n')
}

/** Some shells do not say why they could not write: a program does. */
const TOLD = `{ cat /proc/self/comm >&3 && echo 'not all could be written' >&2; exit 1; }`

/** Small bytes travel inside the script: what is text as a word, other bytes in signs that any shell takes. */
function inline(step: Step, bytes: Buffer): string[] {
  const isText = step.opened && isUtf8(bytes) && !bytes.includes(0)
  if (isText)
    return [
      openBeside(quote(posix.dirname(step.beside!))),
      `printf %s ${quote(bytes.toString('utf8'))} >&3 2>/dev/null || ${TOLD}`,
    ]
  const lines = bytes.toString('base64').match(/.{1,76}/g) ?? []
  const here = [`<<'TSPLAY_BYTES' || exit 1`, ...lines, 'TSPLAY_BYTES'].join('\n')
  if (step.opened) return [openBeside(quote(posix.dirname(step.beside!))), `base64 -d >&3 ${here}`]
  if (step.beside !== undefined)
    return [
      makeOwn(quote(posix.dirname(step.beside))),
      'set -- "$tsplay_d/file"',
      `( ${ENTER_OWN}; umask 077; base64 -d >file ) ${here}`,
    ]
  // Nobody can take away what is in the temporary folder, and a command may need it after its shell.
  return [
    `tsplay_s=; trap '[ -z "$tsplay_s" ] || rm -f -- "$tsplay_s"' EXIT`,
    'tsplay_s=$(mktemp "${TMPDIR:-/tmp}/.tsplay-XXXXXXXX") || exit 1',
    'set -- "$tsplay_s"',
    `base64 -d >"$1" ${here}`,
  ]
}

async function readWhole(file: string): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises')
  return readFile(file)
}

async function receive(what: { from: string; to: string }, executor: Executor): Promise<void> {
  const temporary = `${what.to}.tsplay-${process.pid}-${randomBytes(4).toString('hex')}`
  await mkdir(dirname(what.to), { recursive: true })
  const file = await open(temporary, 'wx', 0o600)
  try {
    let done = 0
    const stream = await executor.connection.get(what.from, { as: executor.as, signal: executor.signal })
    stream.on('data', (chunk: Buffer) => {
      done += chunk.length
      executor.onProgress?.(`fetch ${what.from}`, done, undefined)
    })
    await pipeline(stream, file.createWriteStream({ flush: true }))
    await rename(temporary, what.to)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw thrown
  }
}

/** Temporary folders of a transfer that broke off or was abandoned; a lost connection leaves nothing to do, and has been said. */
async function removeLeft(paths: readonly string[], executor: Executor): Promise<void> {
  if (paths.length === 0) return
  await executor.connection
    .run([{ script: `rm -rf -- ${paths.map(quote).join(' ')}` }], { as: executor.as, timeout: 3000 })
    .catch(() => undefined)
}
