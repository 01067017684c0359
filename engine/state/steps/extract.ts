import { posix } from 'node:path'
import { Unknown } from '../../base/unknown.ts'
import { ENTER_OWN, makeOwn } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { Effect } from '../effect.ts'
import { RECORDS } from '../reads/extraction.ts'
import type { Content, Step } from '../step.ts'
import { WHY } from './download.ts'
import { PLACE } from './place.ts'
import { ownership } from './write.ts'

export interface ExtractOptions {
  readonly kind: 'tar' | 'zip'
  /** The archive on the host; undefined: it is sent. */
  readonly archive?: string | undefined
  readonly send?: Content | undefined
  /** Shell text that prints the archive. */
  readonly fetch?: string | undefined
  /** What it must be, of one that is fetched. */
  readonly sha256?: string | undefined
  /** What is there already and not older than in the archive stays. */
  readonly keepNewer?: boolean | undefined
  readonly name: string
  readonly dest: string
  readonly id: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly strip: number
  readonly keepOwner: boolean
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** What will be there, as far as the archive could be looked into. */
  readonly members?: readonly ArchiveMember[] | undefined
}

export interface ArchiveMember {
  readonly relative: string
  readonly type: 'file' | 'directory' | 'link'
  readonly mode: string
  readonly size: number
}

/**
 * Extracts beside the target, having refused names and links that lead out of it; then each file takes its name by a
 * rename, and a record is kept of what is there. Prints the names on stdout; after a NUL, those that were left alone.
 */
export function extract(options: ExtractOptions): Step {
  const why = new Unknown(`a file out of ${options.name}, which is not extracted in a dry run`)
  const effects: Effect[] = (options.members ?? []).map((member) => ({
    file: {
      path: posix.join(options.dest, member.relative),
      type: member.type,
      ...(member.type === 'link' ? {} : { mode: member.mode }),
      ...(member.type === 'file' ? { size: member.size, content: why } : {}),
      ...(options.owner === undefined ? {} : { owner: options.owner }),
      ...(options.group === undefined ? {} : { group: options.group }),
    },
  }))
  effects.push({
    outdates: 'extraction',
    key: `${options.id} ${options.dest}`,
    why: `${options.name} would have been extracted`,
  })
  return {
    name: 'extract',
    show: `extract ${options.name} to ${options.dest}`,
    script: script(options),
    ...(options.send === undefined ? {} : { send: options.send, beside: posix.join(options.dest, 'archive') }),
    effects,
  }
}

function script(options: ExtractOptions): string {
  const words = (list: readonly string[]) => list.map(quote).join(' ')
  return `
fail() { printf '%s\\n' "$1" >&2; exit 1; }
refuse() { fail "refused, nothing was extracted: $1"; }
${FULL}
archive=${options.archive === undefined ? '$1' : quote(options.archive)} dest=${quote(options.dest)} strip=${options.strip} named=${quote(options.name)}
case $archive in /*) ;; *) archive=$PWD/$archive ;; esac
case $dest in /*) ;; *) dest=$PWD/$dest ;; esac
${options.send === undefined ? makeOwn('"$dest"') : ''}
root=$(cd -P -- "$dest" && pwd -P) || exit 1
root=\${root%/} base=\${dest%/}
${ENTER_OWN}
mkdir tree || exit 1
${options.fetch === undefined ? '' : fetched(options.fetch, options.sha256)}${LEAVES}
${options.kind === 'tar' ? LIST_TAR : LIST_ZIP}
set --
for wanted in ${words(options.include)}; do
  wanted=\${wanted%/}; found=
  for form in "$wanted" "./$wanted" "$wanted/" "./$wanted/"; do
    if grep -Fxq -e "$form" names; then found=\${form%/}; break; fi
  done
  if [ -z "$found" ] && grep -Fq -e "$wanted/" names; then found=$wanted; fi
  [ -n "$found" ] || fail "the archive holds no $wanted"
  ${options.kind === 'zip' ? 'if grep -Fxq -e "$found/" names; then found="$found/*"; fi' : ''}
  set -- "$@" "$found"
done
${options.kind === 'tar' ? tarCommand(options) : `unzip -o -q "$archive" "$@" ${options.exclude.length > 0 ? `-x ${words(options.exclude)}` : ''} -d tree || failed_to "unzip could not extract it"`}
# -P: not by its name, at which somebody may have put something else.
cd -P tree || exit 1
${options.kind === 'zip' ? STRIP_ZIP : ''}
${INSPECT}
find . -type l -exec sh -c 'for p do printf "%s\\n%s\\n" "$p" "$(readlink -- "$p")"; done' sh {} + >../links || exit 1
while IFS= read -r name && IFS= read -r to; do check_link "$name" "$to"; done <../links
find . ! -type d >../files.dot && sed 's,^\\./,,' ../files.dot >../files || exit 1
[ -s ../files ] || [ -n "$(find . ! -name . -type d)" ] || fail "nothing in the archive fits what is wanted"
${options.owner === undefined && options.group === undefined ? '' : `find . ! -name . -exec chown -h -- ${ownership(options)} {} + || exit 1`}
${options.mode === undefined ? '' : `find . -type f -exec chmod ${quote(options.mode)} {} + || exit 1`}
find . ! -name . -type d >../folders.found && sort ../folders.found >../folders || exit 1
while IFS= read -r folder; do
  # A link of the host's own, on the way: never through it to elsewhere.
  if [ -d "$dest/$folder" ]; then ( into "$folder" ) || exit 1; fi
done <../folders
while IFS= read -r name; do
  if [ -d "$dest/$name" ] && [ ! -L "$dest/$name" ]; then fail "$dest/$name is a folder; a file cannot take its place"; fi
done <../files
while IFS= read -r folder; do
  [ -d "$dest/$folder" ] || {
    mode=$(stat -c %a -- "$folder") && whose=$(stat -c %u:%g -- "$folder") || exit 1
    ( into "\${folder%/*}"; mkdir -- "./\${folder##*/}" || exit 1; into "$folder"; chmod "$mode" . && chown "$whose" . ) || exit 1
  }
done <../folders
: >../sums; : >../kept
exec 5<. && here=/proc/self/fd/5 || exit 1
[ -d $here/. ] || here=$PWD
while IFS= read -r name; do
${options.keepNewer ? kept(options) : ''}  if [ -L "$name" ]; then s=-; else s=$(sha256sum <"$name") || exit 1; fi
  echo "\${s%% *}" >>../sums || exit 1
  case $name in */*) above=\${name%/*} ;; *) above=. ;; esac
  ( into "$above"; place "$here/$name" "./\${name##*/}" ) || exit 1
done <../files
${options.mode === undefined ? '' : `while IFS= read -r folder; do ( into "$folder"; chmod ${quote(options.mode)} . ) || exit 1; done <../folders`}
( cd -- "$dest" && tr '\\n' '\\000' | xargs -0 stat -c '%s|%z|%n' -- ) <../files >../stats || exit 1
sum=$(sha256sum <"$archive") || exit 1
${RECORDS}
mkdir -p -- "$rec" || exit 1
{
  ${options.archive === undefined ? `echo "\${sum%% *}"` : `echo "\${sum%% *}$(stat -L -c '|%s|%z' -- "$archive")"`}
  while IFS= read -r sum <&3 && IFS= read -r facts <&4; do printf '%s|%s\\n' "$sum" "$facts" || exit 1; done 3<../sums 4<../stats
} >../record && mv -f -- ../record "$rec/${options.id}" || exit 1
cat ../files; printf '\\000'; cat ../kept
`
}

function fetched(script: string, sha256: string | undefined): string {
  return `archive=$tsplay_d/archive
${WHY}
( ${script}
) >archive 2>said || failed_to "cannot download it, nothing was extracted: $(why <said)"
${
  sha256 === undefined
    ? ''
    : `sum=$(sha256sum <"$archive"); [ "\${sum%% *}" = ${sha256} ] || fail "the sha256 checksum of what was downloaded is \${sum%% *}, expected ${sha256}; nothing was extracted"
`
}`
}

/** Owner and mode are for those that stay too. */
function kept(options: ExtractOptions): string {
  const owned = options.owner !== undefined || options.group !== undefined
  return `  if [ -f "$dest/$name" ] && [ ! -L "$dest/$name" ] && [ "$(stat -c %Y -- "$dest/$name")" -ge "$(stat -c %Y -- "$name")" ]; then
    s=$(sha256sum <"$dest/$name") || exit 1
    ${owned ? `chown -- ${ownership(options)} "$dest/$name" || exit 1` : ''}
    ${options.mode === undefined ? '' : `chmod ${quote(options.mode)} "$dest/$name" || exit 1`}
    echo "\${s%% *}" >>../sums && printf '%s\\n' "$name" >>../kept || exit 1
    continue
  fi
`
}

function tarCommand(options: ExtractOptions): string {
  const exclude = options.exclude.map((pattern) => quote(`--exclude=${pattern}`)).join(' ')
  const strip = options.strip > 0 ? `--strip-components=${options.strip}` : ''
  return `tar -x $unpack -p ${options.keepOwner ? '' : '-o'} -f "$archive" -C tree ${strip} ${exclude} -- "$@" || failed_to "tar could not extract it"`
}

/**
 * What tar and unzip say is not heard where nothing more can be written: then the disk is to blame, not the archive.
 * `into FOLDER`: into a folder of the target, wherever its name leads by now, unless that is elsewhere.
 */
const FULL = `failed_to() { e=$(date 2>&1 >probe) || fail "cannot write in $dest: \${e##*: }"; fail "$1"; }
into() {
  cd -P -- "$dest/$1" || exit 1
  case $PWD/ in "$root"/*) ;; *) refuse "$dest/$1 leads out of $dest" ;; esac
}
${PLACE}`

/** Whether a path climbs above where it starts; whether a link's target does. */
const LEAVES = `
leaves() {
  depth=0 rest=$1/
  while [ -n "$rest" ]; do
    part=\${rest%%/*}; rest=\${rest#*/}
    case $part in
      ''|.) ;;
      ..) depth=$((depth-1)); if [ "$depth" -lt 0 ]; then return 0; fi ;;
      *) depth=$((depth+1)) ;;
    esac
  done
  return 1
}
check_name() {
  case $1 in /*) refuse "the archive holds the absolute name $1" ;; esac
  if leaves "$1"; then refuse "the name $1 in the archive leads out of $dest"; fi
}
check_link() {
  out="the link $1 in the archive points to $2, out of $dest"
  case $2 in
    /*) case $2/ in "$base"/*) if ! leaves "\${2#"$base"}"; then return; fi ;; esac; refuse "$out" ;;
  esac
  case $1 in */*) if leaves "\${1%/*}/$2"; then refuse "$out"; fi ;; *) if leaves "$2"; then refuse "$out"; fi ;; esac
  # What is climbed after a name may be another link: where that ends, no text says.
  climb=$2
  while :; do case $climb in ../*) climb=\${climb#../} ;; ./*) climb=\${climb#./} ;; *) break ;; esac; done
  case $climb in */../*|*/..) refuse "the link $1 in the archive points to $2, which may lead out of $dest" ;; esac
}`

/**
 * Busybox tells hard links from files by their arrow only, prints names of owners that an archive may choose, and its
 * old versions follow links while they extract: whatever its listing does not say clearly is refused.
 */
const LIST_TAR = `
# GNU tar finds the compression by itself; busybox must be told
literal= unpack= gnu=
if tar --version 2>/dev/null | grep -q GNU; then gnu=1 literal='--quoting-style=literal --numeric-owner -P'
else case $named in *.gz|*.tgz) unpack=-z ;; *.bz2|*.tbz*) unpack=-j ;; *.xz|*.txz) unpack=-J ;; esac
fi
said=$(tar $literal $unpack -tvf "$archive" 2>&1 >list) || { printf '%s\\n' "$said" >&2; failed_to "tar cannot read the archive"; }
case $gnu$said in 1*) ;; *'removing leading'*)
  refuse "names in the archive lead out of $dest ($(printf '%s\\n' "$said" | sed -n 's/^tar: //;/removing leading/p' | sed -n 1p))" ;;
esac
while read -r mode owner size date time name; do
  to= kind=$mode
  case $mode in [-dlhbcps][-r][-w]*) ;; *) refuse "a name in the archive holds a line end" ;; esac
  case $name in
    *' -> '*' -> '*) refuse "nobody can tell the name from the target of the link $name" ;;
    *' -> '*) case $gnu$mode in -*) kind=h ;; esac ;;
    *) case $mode in l*) refuse "a name in the archive holds a line end" ;; esac ;;
  esac
  case $gnu$name in *' '[0-9]*-[0-9][0-9]-[0-9][0-9]' '[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' '*) case $gnu in '') refuse "nobody can tell owner and name apart in $name" ;; esac ;; esac
  case $kind in
    l*) to=\${name#* -> }; name=\${name%% -> *} ;;
    h*) case $name in *' link to '*) to=\${name#* link to }; name=\${name%% link to *} ;; *) to=\${name#* -> }; name=\${name%% -> *} ;; esac ;;
  esac
  printf '%s\\n' "$name" >&3 || exit 1
  check_name "$name"
  case $kind in
    h*) check_name "$to" ;;
    l*)
      printf '^%s/\\n' "\${name#./}" >&4 || exit 1
      short=\${name#./} i=0
      while [ "$i" -lt "$strip" ]; do case $short in */*) short=\${short#*/} ;; *) short=; esac; i=$((i+1)); done
      [ -z "$short" ] || check_link "$short" "$to" ;;
  esac
done <list 3>names 4>through
if [ -s through ]; then
  through=$(sed 's,^\\./,,;s,^,^,' names | grep -F -f through | while IFS= read -r name; do
    while IFS= read -r start; do case $name in "$start"*) printf '%s\\n' "\${name#^}"; exit ;; esac; done <through
  done)
  [ -z "$through" ] || refuse "$through in the archive goes through a link of the archive"
fi`

/** What came out, whatever a listing said: only files, folders and links, with names of one line, linked among themselves. */
const INSPECT = `
odd=$(find . -name '*
*')
[ -z "$odd" ] || refuse "a name in the archive holds a line end"
odd=$(find . ! -type d ! -type f ! -type l)
[ -z "$odd" ] || refuse "$odd in the archive is a device, a socket or a pipe"
find . -type f -links +1 -exec stat -c '%d:%i %h' -- {} + | sort | uniq -c >../hard || exit 1
while read -r here _ all; do [ "$here" = "$all" ] || refuse "a hard link in the archive is to a file out of $dest"; done <../hard`

const LIST_ZIP = `
command -v unzip >/dev/null || fail "this host has no unzip: install it"
unzip -Z1 "$archive" >names || failed_to "unzip cannot read the archive; that of busybox never can: install unzip"
while IFS= read -r name; do check_name "$name"; done <names`

const STRIP_ZIP = `
if [ "$strip" -gt 0 ]; then
  mkdir ../tree2 || exit 1
  find . ! -type d | while IFS= read -r name; do
    short=\${name#./} i=0
    while [ "$i" -lt "$strip" ]; do case $short in */*) short=\${short#*/} ;; *) short=; esac; i=$((i+1)); done
    [ -n "$short" ] || continue
    case $short in */*) mkdir -p -- "../tree2/\${short%/*}" ;; esac
    mv -- "$name" "../tree2/$short" || exit 1
  done
  cd -P ../tree2 || exit 1
fi`
