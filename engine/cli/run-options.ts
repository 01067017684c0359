import { readFileSync } from 'node:fs'
import { Problem } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import type { RunOptions } from '../run/options.ts'
import { SealedValues } from '../run/sealed-values.ts'
import type { Vault } from '../vault/vault.ts'
import { ask } from './ask.ts'
import { extraVars } from './extra-vars.ts'
import type { RunWords } from './run-words.ts'
import { readVault } from './vault-words.ts'

/** Words into options, passwords asked for; `opened` when the vault's have been already. Throws usage Problems. */
export async function runOptions(
  playbooks: readonly string[],
  words: RunWords,
  masker = new Masker(),
  opened?: Vault,
): Promise<RunOptions> {
  const cwd = process.cwd()
  const forks = Number(words.forks ?? 50)
  if (!Number.isInteger(forks) || forks < 1)
    throw new Problem('usage', `--forks must be a whole number from 1, not "${words.forks}".`, {
      hint: 'It says how many hosts are worked on at once; 50 is the default.',
    })
  if (words.hostKeys !== undefined && !['strict', 'accept-new', 'off'].includes(words.hostKeys)) {
    throw new Problem('usage', `--host-keys cannot be "${words.hostKeys}".`, {
      hint: 'strict: known hosts only; accept-new: take the key of a new host; off: take any.',
    })
  }
  if (words.timeout !== undefined && !(Number(words.timeout) > 0))
    throw new Problem('usage', `--timeout must be a number of seconds, not "${words.timeout}".`, {
      hint: 'It says how long connecting may take.',
    })
  if (words.step && !process.stdin.isTTY) {
    throw new Problem('usage', '--step asks before every task, and there is no terminal to ask on.', {
      hint: 'Run it in a terminal, or leave --step out.',
    })
  }
  const connectionPassword = words.askPass
    ? await ask('SSH password: ', { hidden: true })
    : fromFile(words.connectionPasswordFile)
  const becomePassword = words.askBecomePass
    ? (await ask(`BECOME password${connectionPassword === undefined ? '' : ' [defaults to SSH password]'}: `, {
        hidden: true,
      })) || connectionPassword
    : fromFile(words.becomePasswordFile)
  const vault = opened ?? (await readVault(words))
  for (const password of [connectionPassword, becomePassword, ...vault.passwords.map((one) => one.password)])
    if (password) masker.add(password)
  return {
    playbooks,
    inventories: words.inventory,
    limit: words.limit,
    tags: words.tags ?? [],
    skipTags: words.skipTags ?? [],
    forceHandlers: words.forceHandlers === true,
    startAtTask: words.startAtTask,
    step: words.step,
    forks,
    check: words.check ?? false,
    diff: words.diff ?? false,
    verify: words.verify ?? false,
    lookAhead: (words.lookAhead ?? true) && process.env['TSPLAY_LOOK_AHEAD'] !== '0',
    profile: words.profile !== undefined && words.profile !== false,
    verbosity: words.verbose ?? 0,
    extra: extraVars(words.extraVars, cwd, new SealedValues(vault, masker)),
    vault,
    user: words.user,
    become: words.become,
    becomeUser: words.becomeUser,
    becomeMethod: words.becomeMethod,
    connectionPassword,
    becomePassword,
    privateKey: words.privateKey,
    hostKeys: words.hostKeys as RunOptions['hostKeys'],
    timeout: words.timeout === undefined ? undefined : Number(words.timeout),
    ask: process.stdin.isTTY ? ask : undefined,
    cwd,
  }
}

function fromFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Problem('usage', `The password file ${path} cannot be read.`, {
      cause,
      hint: 'Give the path of a file whose first line is the password.',
    })
  }
}
