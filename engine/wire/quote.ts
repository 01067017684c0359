import { Problem } from '../base/problem.ts'

/** Words of these characters alone mean themselves wherever they stand, but for the shell's own reserved words. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/
const RESERVED = /^(case|coproc|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while)$/

/**
 * One shell word that means exactly `text`: the only place where text becomes shell.
 * Throws bad-parameter for a NUL, which no shell word, path or argument can hold.
 */
export function quote(text: string): string {
  if (text.includes('\0')) {
    throw new Problem('bad-parameter', 'a text for the shell contains a NUL character', {
      hint: 'Paths, arguments and environment values cannot hold NUL; write binary data with copy or template instead.',
    })
  }
  if (PLAIN.test(text) && !RESERVED.test(text)) return text
  return `'${text.replaceAll("'", `'\\''`)}'`
}
