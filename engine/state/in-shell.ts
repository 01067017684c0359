import { quote } from '../wire/quote.ts'

/**
 * A shell of its own, so that `$$`, traps and `exec` mean what they should. The text travels in its environment, where
 * only its own user can see it: arguments are in every process list. What is no POSIX shell gets it as an argument.
 */
export function inShell(cmd: string, executable: string): string {
  if (!/(^|\/)(sh|bash|dash|ash|ksh|mksh|zsh)$/.test(executable)) return `exec ${quote(executable)} -c ${quote(cmd)}`
  const start = '__tsplay_c=$__tsplay_cmd; unset __tsplay_cmd; eval "$__tsplay_c"'
  // One variable holds at most 128 KiB; a longer text comes through a pipe.
  if (Buffer.byteLength(cmd) < 120_000)
    return `__tsplay_cmd=${quote(cmd)}; export __tsplay_cmd; exec ${quote(executable)} -c ${quote(start)}`
  const piped = '__tsplay_c=$(cat <&3); exec 3<&-; eval "$__tsplay_c"'
  return `exec 4<&0; printf '%s' ${quote(cmd)} | { exec 3<&0 0<&4 4<&-; exec ${quote(executable)} -c ${quote(piped)}; }`
}

/** The first line of a command that says what it does, for people. */
export function firstWords(cmd: string): string {
  const line =
    cmd
      .trim()
      .split('\n')
      .filter((each) => each.trim() !== '' && !/^\s*(#|set -)/.test(each))[0] ?? cmd.trim()
  return line === cmd.trim() ? line : `${line.trim()} …`
}
