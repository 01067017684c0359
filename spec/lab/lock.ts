// One at a time, across processes and checkouts. flock(1) holds the lock and ends with us, so no lock outlives a killed run.
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checkout } from './places.ts'

/** Does `work` while holding the lock `file`; says through `note` whom it waits for. */
export async function locked<T>(file: string, note: (text: string) => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  let release = await take(file, true)
  if (!release) {
    const holder = await readFile(file, 'utf8').catch(() => '')
    note(`waiting for ${holder.trim() || 'another run'} (lock ${file})`)
    release = await take(file, false)
  }
  await writeFile(file, `process ${process.pid} of ${checkout}\n`)
  try {
    return await work()
  } finally {
    await writeFile(file, '')
    await release?.()
  }
}

/** Takes the lock; answers what gives it back, or undefined when another holds it and `now` is asked for. */
function take(file: string, now: boolean): Promise<(() => Promise<void>) | undefined> {
  const words = [...(now ? ['--nonblock'] : []), file, 'sh', '-c', 'echo held; exec cat']
  const child = spawn('flock', words, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  child.stdin.on('error', () => {})
  return new Promise((resolve, reject) => {
    const ended = new Promise<void>((done) => child.on('close', () => done()))
    const release = () => {
      child.stdin.end()
      return ended
    }
    child.on('error', reject)
    child.stdout.once('data', () => resolve(release))
    ended.then(() => resolve(undefined))
  })
}
