import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, extname, join, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { isProgram } from '../base/program.ts'
import type { VaultPassword } from './vault.ts'

export type Ask = (question: string, options: { hidden: true }) => Promise<string>

/** Where a vault password comes from: `label@source`; the source is a file, a program that prints it, or `prompt`. */
export interface PasswordSource {
  readonly label: string
  readonly from: string
}

export function passwordSource(word: string): PasswordSource {
  const at = word.indexOf('@')
  return at < 0 ? { label: 'default', from: word } : { label: word.slice(0, at) || 'default', from: word.slice(at + 1) }
}

/** Throws Problem `usage` when there is no password to be had. `fresh`: it is to be chosen, so it is asked for twice. */
export async function readPassword(
  source: PasswordSource,
  options: { cwd: string; ask: Ask; fresh?: boolean },
): Promise<VaultPassword> {
  const { label, from } = source
  const password =
    from === 'prompt' || from === 'prompt_ask_vault_pass'
      ? await prompted(label, options.ask, options.fresh ?? false)
      : await stored(label, from, options.cwd)
  if (password === '')
    throw new Problem('usage', `The vault password from ${from} is empty.`, {
      hint: 'Write it into the file, on one line.',
    })
  return { label, password }
}

async function prompted(label: string, ask: Ask, fresh: boolean): Promise<string> {
  const name = `${fresh ? 'New vault' : 'Vault'} password${label === 'default' ? '' : ` (${label})`}`
  const password = (await ask(`${name}: `, { hidden: true })).trim()
  if (
    fresh &&
    (await ask(`Confirm ${name.charAt(0).toLowerCase()}${name.slice(1)}: `, { hidden: true })).trim() !== password
  )
    throw new Problem('usage', 'The two passwords differ.', { hint: 'Type the same one twice.' })
  return password
}

async function stored(label: string, from: string, cwd: string): Promise<string> {
  const path = from.startsWith('~/') ? join(homedir(), from.slice(2)) : resolve(cwd, from)
  try {
    if (statSync(path).isDirectory()) throw new Error('it is a folder')
    if (isProgram(path)) return await printed(path, label)
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('usage', `The vault password file ${from} cannot be read.`, {
      cause,
      hint: 'Give the path of a file that holds the password, or of a program that prints it.',
    })
  }
}

/** A program whose name ends in `-client` is told whose password is wanted. */
function printed(path: string, label: string): Promise<string> {
  const isClient = basename(path, extname(path)).endsWith('-client')
  return new Promise((done, fail) => {
    const child = execFile(
      path,
      isClient ? ['--vault-id', label] : [],
      { encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (!error) return done(stdout.replace(/[\r\n]+$/, ''))
        fail(
          new Problem('usage', `The vault password program ${path} failed.`, {
            cause: stderr.trim() || `exit status ${String(error.code ?? error.signal)}`,
            hint: 'Run it by hand; it must print the password and end with status 0.',
          }),
        )
      },
    )
    // It may ask on the terminal, but there is nothing for it to read here.
    child.stdin?.end()
  })
}
