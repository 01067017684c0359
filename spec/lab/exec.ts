// Commands inside the lab's network: in the current folder, with the lab's ~/.ssh and names, and the command's own exit status.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { apart, attempt, type CommandOptions, exitStatus, type Outcome } from './command.ts'
import { checkOwner } from './owner.ts'
import { here, home, key, knownHosts, namespaceEtc, namespaceFile } from './places.ts'
import { LabProblem } from './problem.ts'

/** The words that run `words` inside the lab. */
export function execWords(words: string[]): string[] {
  if (!existsSync(namespaceFile)) {
    throw new LabProblem('the lab is down', 'its network is not there', 'Start it: npm run lab -- up')
  }
  const homes = [...new Set([homedir(), userInfo().homedir])]
  return [
    'nsenter',
    `--net=${namespaceFile}`,
    ...apart(),
    'bash',
    join(here, 'inside.sh'),
    namespaceEtc,
    join(home, '.ssh'),
    homes.join(':'),
    ...words,
  ]
}

/** Runs a command inside the lab and answers what it said. */
export async function exec(words: string[], options: CommandOptions = {}): Promise<Outcome> {
  await checkOwner()
  return attempt(execWords(words), options)
}

/** Runs a command inside the lab on this terminal and answers its exit status. */
export async function execHere(words: string[]): Promise<number> {
  await checkOwner()
  const [program = '', ...rest] = execWords(words)
  // npm itself changes to the project's folder
  const cwd = process.env.npm_lifecycle_event === 'lab' ? process.env.INIT_CWD : undefined
  const child = spawn(program, rest, { stdio: 'inherit', cwd })
  // Ctrl-C reaches the command from the terminal itself; what is sent to us alone is handed on
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(exitStatus(code, signal)))
  })
}

/** The words of the system's ssh to a host, to be run inside the lab. */
export function sshWords(name: string, words: string[], user = 'root'): string[] {
  const options = [`UserKnownHostsFile=${knownHosts}`, `IdentityFile=${key}`, 'IdentitiesOnly=yes', 'LogLevel=ERROR']
  return ['ssh', '-F', 'none', ...options.flatMap((option) => ['-o', option]), `${user}@${name}`, ...words]
}
