import type { Command } from 'commander'
import { addVaultOptions, type VaultWords } from './vault-words.ts'

/** The options of run, check and exec, as commander gives them. */
export interface RunWords extends VaultWords {
  readonly inventory: string[]
  readonly limit?: string
  readonly extraVars: string[]
  readonly tags?: string[]
  readonly skipTags?: string[]
  readonly forceHandlers?: boolean
  readonly forks?: string
  readonly user?: string
  readonly askPass?: boolean
  readonly askBecomePass?: boolean
  readonly become?: boolean
  readonly becomeUser?: string
  readonly becomeMethod?: string
  readonly check?: boolean
  readonly diff?: boolean
  readonly verify?: boolean
  readonly lookAhead?: boolean
  /** true: the usual file. */
  readonly profile?: string | boolean
  readonly verbose?: number
  readonly listHosts?: boolean
  readonly listTasks?: boolean
  readonly listTags?: boolean
  readonly startAtTask?: string
  readonly step?: boolean
  readonly privateKey?: string
  readonly hostKeys?: string
  readonly timeout?: string
  readonly output?: string
  readonly connectionPasswordFile?: string
  readonly becomePasswordFile?: string
}

export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

export function count(_: string, before: number): number {
  return before + 1
}

export const commas = (value: string, before: string[] | undefined) => [
  ...(before ?? []),
  ...value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
]

export function addRunOptions(command: Command): Command {
  return addVaultOptions(command)
    .option('-i, --inventory <path>', 'inventory file or folder, or "host," (can be given several times)', collect, [])
    .option('-l, --limit <pattern>', 'only these hosts')
    .option('-e, --extra-vars <vars>', 'key=value, JSON, or @file (can be given several times)', collect, [])
    .option('-t, --tags <tags>', 'only tasks with these tags', commas)
    .option('--skip-tags <tags>', 'not the tasks with these tags', commas)
    .option('--force-handlers', 'run notified handlers on hosts that fail, too')
    .option('-f, --forks <number>', 'hosts worked on at once', '50')
    .option('-u, --user <name>', 'log in as this user')
    .option('-k, --ask-pass', 'ask for the password to log in with')
    .option('-b, --become', 'become another user (root)')
    .option('--become-user <name>', 'whom to become')
    .option('--become-method <name>', 'sudo or su')
    .option('-K, --ask-become-pass', 'ask for the password that becoming needs')
    .option('--connection-password-file <path>', 'read the password to log in with from this file')
    .option('--become-password-file <path>', 'read the password that becoming needs from this file')
    .option('--private-key <path>', 'log in with this key')
    .option('--host-keys <policy>', 'strict (default), accept-new, or off')
    .option('-T, --timeout <seconds>', 'how long connecting may take')
    .option('-C, --check', 'dry run: change nothing, show what would change')
    .option('-D, --diff', 'show differences')
    .option('--verify', 'look again after every change, and hold modules to their predictions')
    .option('--no-look-ahead', 'look at each task, and make it, only when its turn comes')
    .option('--profile [file]', 'say where the time went, and keep a trace of it for viewers (tsplay-profile.json)')
    .option('-v, --verbose', 'more (up to -vvv)', count, 0)
    .option('--list-hosts', 'only list the hosts')
    .option('--list-tasks', 'only list the tasks')
    .option('--list-tags', 'only list the tags')
    .option('--start-at-task <name>', 'begin at this task')
    .option('--step', 'ask before every task')
    .option('--output <kind>', 'terminal or jsonl', 'terminal')
}
