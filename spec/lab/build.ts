// The programs that fill the cache run in a control group each kind: the next build ends what a killed one left running.
import { killCgroup, makeCgroup } from './cgroup.ts'
import { apart, type CommandOptions, command } from './command.ts'

const groupOf = (kind: string) => `_build-${kind}`

/** Ends what an earlier build of `kind` left running. Call it with the lock of that kind. */
export const endBuild = (kind: string) => killCgroup(groupOf(kind))

/** Runs one program of the build of `kind`. */
export async function build(kind: string, words: string[], options: CommandOptions = {}): Promise<string> {
  const group = await makeCgroup(groupOf(kind))
  return command(
    ['sh', '-c', 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"', 'build', group, ...apart(), ...words],
    options,
  )
}
