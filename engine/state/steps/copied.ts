import { posix } from 'node:path'
import { ENTER_OWN, makeOwn } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { Step } from '../step.ts'

/** The same step of writing a file, with the bytes taken from a file of the host. */
export function copied(step: Step, from: string): Step {
  const { send: _, ...rest } = step
  const lines = [
    makeOwn(quote(posix.dirname(step.beside!))),
    'set -- "$tsplay_d/file"',
    `exec 3<${quote(from.startsWith('/') ? from : `./${from}`)} || exit 1`,
    `( ${ENTER_OWN}; umask 077; cat <&3 >file ) || exit 1`,
    'exec 3<&-',
  ]
  return { ...rest, name: 'copy', show: `copy ${from} to ${step.beside}`, script: [...lines, step.script].join('\n') }
}
