import { randomBytes } from 'node:crypto'
import { ENTER_OWN, makeOwn } from './own-folder.ts'

/** A file name that nobody can foresee. */
export const newName = () => `.tsplay-${randomBytes(12).toString('hex')}`

/** The file named `file` in the folder $tsplay_d as `openBeside` leaves one, but closed. */
export const IN_OWN = `tsplay_from=$PWD
${ENTER_OWN}
tsplay_t=file tsplay_k=kept tsplay_a=file`

/**
 * Makes a new file for the user alone in `folder`, a shell word, and opens it as descriptor 3. The shell is then where the
 * file is, $tsplay_t is its name, and it goes with the subshell unless $tsplay_t is empty by then; $tsplay_from is where
 * the shell was.
 * Who may write to the folder may put a link in its place at any time: what alters the file goes by $tsplay_a, which is the
 * open file itself, whatever has its name. Without /proc the file is in a folder of its own.
 */
export function openBeside(folder: string): string {
  return `tsplay_from=$PWD tsplay_t=${newName()} tsplay_k=${newName()} tsplay_a=/proc/self/fd/3
umask 077
if cd -P -- ${folder} 2>/dev/null && [ -e /proc/self/fd/0 ] && set -C && { command exec 3>"$tsplay_t"; } 2>/dev/null; then
set +C
trap '[ -z "$tsplay_t" ] || rm -f -- "$tsplay_t" "$tsplay_k"' EXIT
else
set +C
cd -- "$tsplay_from" || exit 1
${makeOwn(folder)}
${ENTER_OWN}
tsplay_t=file tsplay_k=kept tsplay_a=file
exec 3>file
fi
umask 022`
}
