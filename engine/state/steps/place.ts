import { LABEL } from './label.ts'

/**
 * Shell text that gives a file the name of another by a rename, whatever that is, but for a folder: not into a folder, also
 * where a link to one was put there just now. Old busybox knows no -T. Both are shell words.
 */
export const renamed = (from: string, to: string): string =>
  `mv -fT -- ${from} ${to} 2>/dev/null || case $(mv --help 2>&1) in *-T*|*[a-z]T*) mv -fT -- ${from} ${to} ;; *) mv -f -- ${from} ${to} ;; esac`

/** The shell function `place NEW NAME`: in place of a file or a link, also one to a folder, with the label it must have there. */
export const PLACE = `${LABEL}
place() {
  if [ -d "$2" ]; then
    [ -L "$2" ] || { echo "$2 is a folder" >&2; return 1; }
    rm -f -- "$2" || return 1
  fi
  [ -L "$1" ] || label "$1" "$2" || return 1
  ${renamed('"$1"', '"$2"')}
}`
