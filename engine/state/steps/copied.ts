import { posix } from 'node:path'
import { openBeside } from '../../wire/own-file.ts'
import { ENTER_OWN, makeOwn } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { Step } from '../step.ts'

/** The same step of writing a file, with the bytes taken from a file of the host. */
export function copied(step: Step, from: string): Step {
  const { send: _, ...rest } = step
  const folder = quote(posix.dirname(step.beside!))
  const open = step.opened
    ? [openBeside(folder), 'cat <&4 >&3 || exit 1']
    : [makeOwn(folder), `( ${ENTER_OWN}; umask 077; cat <&4 >file ) || exit 1`]
  const lines = [`exec 4<${quote(from.startsWith('/') ? from : `./${from}`)} || exit 1`, ...open, 'exec 4<&-']
  return { ...rest, name: 'copy', show: `copy ${from} to ${step.beside}`, script: [...lines, step.script].join('\n') }
}
