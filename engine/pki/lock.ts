import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../base/problem.ts'
import { explained } from './private-file.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process began, in the kernel's ticks: a pid alone may long belong to another. */
  readonly started: string
  readonly token: string
}

/** Work waiting in this process, by lock file: the pid in the file cannot tell two of us apart. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Does the work while a lock file is held, so that two runs do not create the same thing. Waits for others up to
 * `patience`
 * milliseconds, then throws a Problem 'pki' that names the holder. A lock left by a process that is gone is taken over.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, patience = 60_000): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve()
  const turn = before.then(() => hold(path, work, patience))
  const settled = turn.catch(() => undefined)
  queues.set(path, settled)
  try {
    return await turn
  } finally {
    if (queues.get(path) === settled) queues.delete(path)
  }
}

async function hold<T>(path: string, work: () => Promise<T>, patience: number): Promise<T> {
  const mine: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid), token: randomUUID() }
  const draft = join(dirname(path), `.lock-${mine.token}`)
  try {
    // Written first and linked after: the lock never exists without its holder's name.
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600, flag: 'wx' })
    await take(path, draft, patience)
  } catch (thrown) {
    throw explained(thrown, `The lock ${path} cannot be taken`)
  } finally {
    await rm(draft, { force: true })
  }
  try {
    return await work()
  } finally {
    if ((await readHolder(path))?.token === mine.token) await unlink(path)
  }
}

async function take(path: string, draft: string, patience: number): Promise<void> {
  const deadline = Date.now() + patience
  for (;;) {
    if (await linked(draft, path)) return
    const holder = await readHolder(path)
    if (holder && !(await isAlive(holder))) await discard(path, holder)
    else if (Date.now() > deadline) {
      throw new Problem(
        'pki',
        `${path} is held by ${holder ? `process ${holder.pid} on ${holder.host}` : 'another process'}`,
        {
          hint: 'Wait until that run has ended; if there is none, remove the file.',
        },
      )
    } else await sleep(50 + Math.random() * 50)
  }
}

/** Puts the draft in the lock's place unless something is there; some file systems know no links. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path).catch(async (thrown: NodeJS.ErrnoException) => {
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(thrown.code ?? '')) throw thrown
      await copyFile(draft, path, constants.COPYFILE_EXCL)
    })
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw thrown
  }
}

/** Moves a stale lock away. Another may have taken it over since we looked: what was moved is then put back. */
async function discard(path: string, stale: Holder): Promise<void> {
  const aside = join(dirname(path), `.stale-${randomUUID()}`)
  try {
    await rename(path, aside)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return
    throw thrown
  }
  if ((await readHolder(aside))?.token !== stale.token) await linked(aside, path)
  await unlink(aside)
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch (thrown) {
    if (thrown instanceof SyntaxError || (thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holder.started === (await startOf(holder.pid))
}

/** The start time out of /proc, after the command's name, which may hold anything; empty where there is no /proc. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
