import { spawn } from 'node:child_process'
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Problem } from '../base/problem.ts'
import { shred } from './replaced-file.ts'

/** Where a file never reaches a disk, if there is such a place. */
const inMemory = '/dev/shm'

/**
 * What a person makes of a text in $VISUAL or $EDITOR. Meanwhile it lies in a folder of its own that nobody else may
 * enter; whatever happens, it is overwritten and removed at the end.
 */
export async function edited(before: Buffer, name: string): Promise<Buffer> {
  const folder = mkdtempSync(join(existsSync(inMemory) ? inMemory : tmpdir(), 'tsplay-vault-'))
  // Its own name, so that the editor knows what is in it.
  const file = join(folder, basename(name))
  const remove = () => {
    if (existsSync(file)) shred(file)
    rmSync(folder, { recursive: true, force: true })
  }
  const onSignal = (signal: NodeJS.Signals) => {
    remove()
    process.off(signal, onSignal)
    process.kill(process.pid, signal)
  }
  // Ctrl-C is for the editor, which has the terminal.
  const onInterrupt = () => undefined
  const signals = ['SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  process.on('SIGINT', onInterrupt)
  try {
    const fd = openSync(file, 'wx', 0o600)
    writeSync(fd, before)
    fsyncSync(fd)
    closeSync(fd)
    await runEditor(file)
    return readFileSync(file)
  } finally {
    remove()
    for (const signal of signals) process.off(signal, onSignal)
    process.off('SIGINT', onInterrupt)
  }
}

function runEditor(file: string): Promise<void> {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi'
  const hint = 'Say which editor to use in $EDITOR; the file was not changed.'
  return new Promise((done, fail) => {
    // The variable may hold words of its own: `code --wait`.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    child.once('error', (cause) => fail(new Problem('usage', `The editor "${editor}" cannot be run.`, { cause, hint })))
    child.once('exit', (status, signal) => {
      if (status === 0) done()
      else fail(new Problem('usage', `The editor "${editor}" ended with ${signal ?? `status ${status}`}.`, { hint }))
    })
  })
}
