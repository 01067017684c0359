import { posix } from 'node:path'
import { Unknown } from '../../base/unknown.ts'
import { ENTER_OWN } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { Effect } from '../effect.ts'
import { curlConfig, type HttpAccess, needsConfig, printer, shownUrl, urlBasename, wgetConfig } from '../http.ts'
import type { DigestAlgorithm } from '../reads/digest.ts'
import type { Step } from '../step.ts'
import { LABEL, realName } from './label.ts'
import { renamed } from './place.ts'
import { ownership } from './write.ts'

export interface DownloadOptions {
  readonly urls: readonly string[]
  readonly dest: string
  readonly access: HttpAccess
  readonly algorithm: DigestAlgorithm
  /** Hex, when it is known already. */
  readonly checksum?: string | undefined
  /** Where the host finds it otherwise. */
  readonly checksumUrl?: string | undefined
  /** Further tries of one address after a transfer that broke off. */
  readonly retries: number
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly backup?: string | undefined
  /** Folder for what is not all there yet; default: beside `dest`. */
  readonly temporary?: string | undefined
  /** Where it cannot take the name of `dest` (a file that is mounted), write into it. */
  readonly unsafe?: boolean | undefined
  /** What the file will surely have. */
  readonly effect: { readonly mode: string; readonly owner: string; readonly group: string }
}

/**
 * Downloads on the host: into the folder dest.part, continued where an earlier try (or run) broke off, its checksum compared
 * before it takes its name. Says `ok` and facts, or `failed` and why, on stdout; its status is 0 either way.
 */
export function download(options: DownloadOptions): Step {
  const { dest } = options
  const known = options.checksum
  const content = new Unknown(`the content of ${shownUrl(options.urls[0]!)}, which is not downloaded in a dry run`)
  const effects: Effect[] = [
    {
      file: {
        path: dest,
        type: 'file',
        ...options.effect,
        labelled: true,
        ...(known !== undefined && options.algorithm === 'sha256' ? { sha256: known } : { content }),
      },
    },
  ]
  if (known !== undefined && options.algorithm !== 'sha256')
    effects.push({ read: 'digest', key: `${options.algorithm} ${dest}`, gives: known })
  if (options.backup !== undefined) effects.push({ file: { path: options.backup, type: 'file' } })
  return {
    name: 'download',
    show: `download ${shownUrl(options.urls[0]!)} to ${dest}`,
    script: script(options),
    effects,
  }
}

/** Shell text whose stdout is what a server gives for an address; another status and words on stderr otherwise. */
export const readUrl = (url: string, access: HttpAccess): string => `${fetchers([url], access)}\nget_0 -`

/** Shell text whose stdout is the SHA-256 of what a server gives, which is not kept; another status and words on stderr otherwise. */
export const digestUrl = (url: string, access: HttpAccess): string => `${fetchers([url], access)}
exec 3>&1
status=$({ { get_0 - 3>&-; echo $? >&4; } | sha256sum >&3; } 4>&1)
exit "$status"`

/** Shell text whose stdout is the digest that a checksum file gives for `file`; status 1 and words on stderr otherwise. */
export function readChecksum(url: string, file: string, access: HttpAccess): string {
  return [
    fetchers([url], access),
    CHECKSUM,
    `f=${quote(file)}`,
    'out=$(get_0 - 2>&1) || { printf "%s\\n" "$out" >&2; exit 1; }',
    'printf "%s\\n" "$out" | pick "$f"',
  ].join('\n')
}

/** `pick NAME`: the digest of NAME out of lines `hex  name`, `SHA256 (name) = hex`, or a lone `hex`. */
const CHECKSUM = `
pick() {
  lone= lines=0 ended=
  while [ -z "$ended" ]; do
    read -r a b c d || ended=1
    [ -n "$a" ] || continue
    lines=$((lines+1))
    case $b in
      '') lone=$a ;;
      "($1)") printf '%s' "$d"; return 0 ;;
      *) n=\${b#\\*}; n=\${n##*/}; lone=$a; if [ "$n" = "$1" ]; then printf '%s' "$a"; return 0; fi ;;
    esac
  done
  if [ "$lines" = 1 ]; then case $lone in *[!0-9a-fA-F]*) ;; *) printf '%s' "$lone"; return 0 ;; esac; fi
  echo "the checksum file has no line for $1" >&2
  return 1
}`

/**
 * One function get_N FILE for each address: with curl, else wget. FILE - is stdout. A file that is there is continued.
 * On stdout at the end (unless FILE is -): the HTTP status where it is known. Words on stderr.
 */
function fetchers(urls: readonly string[], access: HttpAccess): string {
  const stall = [
    ['speed-limit', '1'],
    ['speed-time', String(access.timeout)],
    ['fail'],
    ['location'],
    ['silent'],
    ['show-error'],
  ] as [string, string?][]
  const lines = [printer('wgetrc', wgetConfig(access))]
  for (const [index, url] of urls.entries()) {
    lines.push(
      printer(`config_${index}`, curlConfig(url, access, stall)),
      printer(`url_${index}`, url),
      `get_${index}() { ${url.startsWith('file:') ? localFile(url) : `get config_${index} url_${index} "$1"`}; }`,
    )
  }
  lines.push(`get() {
  if command -v curl >/dev/null; then
    if [ "$3" = - ]; then $1 | curl -K -
    else $1 | curl -K - -C - -o "$3" -w '\\nHTTP %{http_code}\\n'
    fi
  elif command -v wget >/dev/null; then
    if wget --version 2>/dev/null | grep -q GNU; then
      rc=$(mktemp) || return 1
      wgetrc >"$rc" || { rm -f -- "$rc"; return 1; }
      $2 | WGETRC=$rc wget -nv -c -O "$3" -i -
      s=$?; rm -f -- "$rc"; return $s
    fi
    ${needsConfig(access) ? 'echo "this host has only busybox wget, which cannot log in or send headers: install curl" >&2; return 90' : `wget -q -c -T ${access.timeout} -O "$3" "$($2)"`}
  else
    echo "neither curl nor wget is on this host: install one" >&2; return 90
  fi
}`)
  return lines.join('\n')
}

/** Neither wget knows addresses of files. */
function localFile(url: string): string {
  return `if [ "$1" = - ]; then set -- /dev/stdout; fi; cat <${quote(decodeURIComponent(new URL(url).pathname))} >"$1"`
}

function script(options: DownloadOptions): string {
  const { dest } = options
  const folder = posix.dirname(dest)
  const attributes = [
    options.owner !== undefined || options.group !== undefined
      ? `chown -- ${ownership(options)} file || lost "cannot change its owner"`
      : '',
    `chmod ${quote(options.effect.mode)} file || lost "cannot change its mode"`,
  ]
  return `
umask 077
dest=${quote(dest)} dir=${quote(options.temporary ?? folder)} began=$(date +%s)
case $dest in /*) ;; *) dest=$PWD/$dest ;; esac
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
algo=${options.algorithm} want=${quote(options.checksum ?? '')} retries=${options.retries} why=
failed() { echo failed; printf '%s\\n' "$1"; exit 0; }
lost() { rm -f -- file; failed "$1"; }
${HOLD}
${LABEL}
real=${realName('"$dest"')}
sum() { s=$(\${algo}sum <"$1") && printf '%s' "\${s%% *}"; }
full() { free=$(df -Pk -- "$dir" 2>/dev/null | { read -r _; read -r _ _ _ f _; echo "$f"; }); [ -n "$free" ] && [ "$free" -lt 256 ]; }
${fetchers(options.checksumUrl === undefined ? options.urls : [...options.urls, options.checksumUrl], options.access)}
${CHECKSUM}
${options.checksumUrl === undefined ? '' : fetchChecksum(options)}
want=$(printf '%s' "$want" | tr A-F a-f)
[ -n "$want" ] || rm -f -- file
${ATTEMPT}
done_from=
for try in ${options.urls.map((_, index) => index).join(' ')}; do
  case $try in
${options.urls.map((url, index) => `    ${index}) url=${quote(shownUrl(url))} ;;`).join('\n')}
  esac
  if attempt "$try"; then done_from=$url; break; fi
  [ -n "$want" ] || rm -f -- file
done
[ -n "$done_from" ] || failed "$why"
got=$(sum file)
${options.backup === undefined ? '' : `if [ -e "$dest" ]; then cp -p -- "$dest" kept && label kept "$real" && mv -f -- kept ${quote(options.backup)} || lost "cannot keep the old file"; fi`}
if [ -z "$want" ] && [ -f "$dest" ] && cmp -s -- file "$dest"; then same=1; else same=0; fi
${attributes.filter(Boolean).join('\n')}
sync file 2>/dev/null
if [ -d "$dest" ]; then lost "$dest is a folder"; fi
${placed(options)}
printf 'ok\\n%s\\n%s\\n%s\\n%s\\n%s\\n%s\\n' "$done_from" "$code" "$got" "$(wc -c <"$dest")" "$same" $(($(date +%s)-began))
`
}

/**
 * Goes to where the download is kept until it is whole: $dest.part, a folder that nobody else can write to, so that
 * nobody can put a link there, or keep the file open. One that is somebody else's is left alone, and another is made.
 */
/** Gives the file the name of `dest`. */
function placed({ temporary, unsafe }: DownloadOptions): string {
  const lines = [`from=file`]
  // Another file system may hold it: beside dest first, so that nobody sees half of it.
  if (temporary !== undefined)
    lines.push(
      `from=$(mktemp "\${dest%/*}/.tsplay-XXXXXXXX") && cp -p -- file "$from" || { rm -f -- "$from"; lost "cannot be brought to $dest"; }`,
      'rm -f -- file',
    )
  lines.push('label "$from" "$real" || lost "cannot have the SELinux label that it needs"')
  const into = `{ chown -- "$(stat -c %u:%g -- "$from")" "$dest"; chmod "$(stat -c %a -- "$from")" "$dest"; cat -- "$from" >"$dest" && rm -f -- "$from"; }`
  const why = `{ [ "$from" = file ] || rm -f -- "$from"; lost "cannot take the place of $dest"; }`
  lines.push(`{ ${renamed('"$from"', '"$dest"')}; } ${unsafe ? `2>/dev/null || ${into} ` : ''}|| ${why}`)
  return lines.join('\n')
}

/** `why`: of what curl or wget said, what went wrong. curl adds lines of advice to some. */
export const WHY = `why() {
  text=$(sed '/^$/d')
  first=$(printf '%s\\n' "$text" | sed -n '/^curl: ([0-9]*) /{p;q;}')
  if [ -n "$first" ]; then printf '%s\\n' "$first"; else printf '%s\\n' "$text" | tail -n 3; fi
}`

const HOLD = `
hold() {
  cd -P -- "$dir" 2>/dev/null || failed "cannot write in $dir: no such folder"
  here=\${PWD%/} tsplay_d=\${PWD%/}/\${dest##*/}.part
  [ ! -f "$tsplay_d" ] || rm -f -- "$tsplay_d"
  mkdir -m 700 -- "$tsplay_d" 2>/dev/null
  # By its real path, ours, and for us alone.
  if cd -P -- "$tsplay_d" 2>/dev/null && [ "$PWD" = "$tsplay_d" ] && [ -O . ] && case $(stat -c %a .) in *700) ;; *) false ;; esac; then return; fi
  cd "$here" && tsplay_d=$(mktemp -d "$here/.tsplay-XXXXXXXX" 2>&1) || failed "cannot write in $dir: \${tsplay_d##*: }"
  keep=
  ${ENTER_OWN}
}
inside= keep=1
trap '[ -z "$inside" ] || { rm -f -- kept; [ -n "$keep" ] || rm -f -- file; cd / && rmdir -- "$tsplay_d" 2>/dev/null; }' EXIT
hold
inside=1`

const ATTEMPT = `
${WHY}
attempt() {
  n=0 over=0
  while :; do
    had=0; [ -s file ] && had=1
    if [ "$had" = 1 ] && [ -n "$want" ] && [ "$(sum file)" = "$want" ]; then code=200; return 0; fi
    out=$(get_$1 file 2>&1); rc=$?
    code=$(printf '%s\\n' "$out" | sed -n 's/^HTTP \\([0-9]*\\)$/\\1/p'); text=$(printf '%s\\n' "$out" | sed '/^HTTP [0-9]*$/d' | why)
    # wget names the status in its words
    case $code$text in *'ERROR 4'??:*|*'HTTP/1.'?' 4'??*) code=400 ;; esac
    [ -s file ] || [ "$rc" != 0 ] || : >>file
    if [ "$rc" = 0 ]; then
      [ -n "$want" ] || return 0
      got=$(sum file)
      [ "$got" != "$want" ] || return 0
      rm -f -- file
      why="the $algo checksum of $url is $got, expected $want; the wrong file was removed"
      # What an earlier run left may have been of another file: once from the start.
      if [ "$had" = 1 ] && [ "$over" = 0 ]; then over=1; continue; fi
      return 1
    fi
    [ "$rc" = 90 ] && failed "$text"
    if full; then rm -f -- file; failed "cannot write $dest: No space left on device ($free KiB are free in $dir)"; fi
    why="cannot download $url: \${text:-status $rc}"
    if [ "$had" = 1 ] && [ "$over" = 0 ] && { [ "$rc" = 33 ] || [ "$rc" = 36 ] || [ "$code" = 416 ]; }; then over=1; rm -f -- file; continue; fi
    case $code in 4??) return 1 ;; esac
    n=$((n+1)); [ "$n" -le "$retries" ] || return 1
    sleep 1
  done
}`

function fetchChecksum(options: DownloadOptions): string {
  const index = options.urls.length
  const url = shownUrl(options.checksumUrl!)
  return `
if [ -z "$want" ]; then
  list=$(get_${index} - 2>&1) || failed "cannot read the checksum file ${url.replaceAll(/["$`\\]/g, '')}: $list"
  want=$(printf '%s\\n' "$list" | pick ${quote(urlBasename(options.urls[0]!))} 2>&1) || failed "${url.replaceAll(/["$`\\]/g, '')}: $want"
fi`
}
