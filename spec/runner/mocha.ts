import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly pending: readonly string[]
}

/** Runs these spec files in one process. What it prints comes a suite at a time, so that two may run side by side. */
export async function mocha(name: string, files: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Counts> {
  if (files.length === 0) return { passed: 0, failed: 0, pending: [] }
  process.stdout.write(`\n── ${name}: ${files.length} files\n`)
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-counts-'))
  const file = join(folder, 'counts.json')
  try {
    const status = await run(['--reporter', 'spec/runner/reporter.ts', ...files], { ...env, SPEC_COUNTS: file })
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Counts
    process.stdout.write(`${name}: the specs ended before they were counted (exit status ${status})\n`)
    return { passed: 0, failed: 1, pending: [] }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function run(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const color = process.stdout.isTTY ? ['--color'] : []
  const child = spawn('node_modules/.bin/mocha', [...color, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  let held = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    held += text
    const whole = held.lastIndexOf('\n\n') + 2
    if (whole < 2) return
    process.stdout.write(held.slice(0, whole))
    held = held.slice(whole)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      process.stdout.write(held)
      resolve(status)
    })
  })
}
