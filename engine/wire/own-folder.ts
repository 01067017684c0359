import { randomBytes } from 'node:crypto'
import { quote } from './quote.ts'

/**
 * Goes into the folder $tsplay_d, which was made a moment ago, by its real path. Who may write to the folder above may
 * have put a link or a folder of his in its place: then it ends with status 1. Inside, names are safe from everybody.
 */
export const ENTER_OWN = `cd -P -- "$tsplay_d" 2>/dev/null && [ "$PWD" = "$tsplay_d" ] && { [ -O . ] || { ( set -C; : >mine ) 2>/dev/null && [ "$(stat -c %u mine)" = "$(stat -c %u .)" ] && rm -f mine; }; } || { echo "somebody else changes $tsplay_d while it is in use" >&2; exit 1; }`

/**
 * Makes a folder for the user alone in `folder` (already a shell word), $tsplay_d is its real path; it goes with the
 * subshell, and so does $tsplay_s, a file that the text was sent.
 */
export function makeOwn(folder: string): string {
  return `tsplay_d=
trap '[ -z "$tsplay_d" ] || rm -rf -- "$tsplay_d"; [ -z "\${tsplay_s-}" ] || rm -f -- "$tsplay_s"' EXIT
tsplay_d=$({ cd -P -- ${folder} && mktemp -d "\${PWD%/}/.tsplay-XXXXXXXX"; } 2>&1) || { echo "cannot write in "${folder}": \${tsplay_d##*: }" >&2; tsplay_d=; exit 1; }`
}

/** The same folder found again by its name, as put made it. */
export function findOwn(folder: string, name: string): string {
  return `tsplay_d=$(cd -P -- ${quote(folder)} && printf %s "\${PWD%/}/"${quote(name)}) || exit 1
trap 'rm -rf -- "$tsplay_d"' EXIT`
}

/** The variable with the path of the folder that a shell keeps. */
export const KEPT = '__tsplay_kept'

/** A name that nobody can guess, for what `MAKE_KEPT` makes. */
export const keptName = () => `.tsplay-kept-${randomBytes(16).toString('hex')}`

/** For the beginning of a shell: what it keeps goes when it ends, also because nobody listens any more; who kills it removes that himself. */
export function dropKept(name: string): string {
  return `${KEPT}=\${TMPDIR:-/tmp}/${name}
trap '[ ! -e "$${KEPT}" ] || rm -rf -- "$${KEPT}"' EXIT
trap 'exit 1' PIPE
`
}

/**
 * Makes $__tsplay_kept, a folder for the user alone, unless an earlier text of the same shell has: what is in it stays for
 * later texts until the shell ends.
 */
export const MAKE_KEPT = `{ [ -d "$${KEPT}" ] || mkdir -m 700 -- "$${KEPT}"; } || exit 1`
