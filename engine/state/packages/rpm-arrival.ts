import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'
import { dnfApart, parseDnfSimulation, restsOnSources, rpmSources, sourcesForetold } from '../reads/package.ts'
import { unitFolders } from '../reads/unit.ts'
import { type Arrival, type ArrivalAsk, MOST, parseArrival, UNASKED } from './arrival.ts'

/** What `dnf WORDS` would bring, by looking into the packages, as `aptArrival` does. The words are a whole command. */
export const dnfArrival = defineRead<ArrivalAsk, Arrival>({
  name: 'dnf-arrival',
  key: ({ words, fetch, known }) => `${fetch ? 'fetch ' : ''}${words} but ${known.join(' ')}`,
  paths: () => ['/var/lib/rpm'],
  items: (asks) => asks.map(lookScript),
  parse: (replies) => replies.map((reply) => parseDnfArrival(reply.stdout.toString('utf8'))),
  predicted: (files) => (sourcesForetold(files, rpmSources) ? restsOnSources() : undefined),
})

/** A simulation ends with status 1, because nobody assents: what counts is whether it came to a transaction. */
export function parseDnfArrival(text: string): Arrival {
  return parseArrival(text, (_status, said) => {
    const simulation = parseDnfSimulation(1, said)
    return { ...simulation, status: simulation.moves.length > 0 ? 0 : 1 }
  })
}

const FORMAT =
  '[x%{FILEFLAGS:fflags}\\t%{FILEMODES:perms}\\t%{FILEUSERNAME}/%{FILEGROUPNAME}\\t%{FILESIZES}\\t%{FILENAMES}\\t%{FILELINKTOS}\\n]'
/** The stronger first, as for units. */
const PRESETS = unitFolders.map((folder) => folder.replace(/system$/, 'system-preset'))

/** What is fetched stays for later looks. Signatures are left to the run: to check them, dnf would take keys into the host's. */
function lookScript({ words, fetch, known }: ArrivalAsk): string {
  return `umask 077
${dnfApart('dnf')}t=$__tsplay_kept/look
trap 'rm -rf -- "$t"' EXIT
mkdir -p "$t" || exit 1
[ -d "$k/cache" ] || seed
fail() { echo "== unseen $1: $(sed -n 's/^Error: *//p' "$t/said" | head -n 1)"; exit 0; }
look() { what=$1; shift 2; dnf $what "$@"; }
# As systemd says it: the first word on a unit counts, a file of a stronger folder hides its namesakes.
preset() {
  for f in $(ls ${PRESETS.join(' ')} 2>/dev/null | grep '\\.preset$' | sort -u); do
    for d in ${PRESETS.join(' ')}; do [ -e "$d/$f" ] && break; done
    while read -r verb pattern more; do
      case $verb in enable|disable) case $1 in $pattern) echo "== preset $verb $1"; return;; esac;; esac
    done <"$d/$f"
  done
  echo "== preset enable $1"
}
${
  fetch
    ? `[ -e "$k/fetched" ] || dnf -q makecache >"$t/said" || fail 'the metadata cannot be fetched'
: >"$k/fetched"`
    : ''
}
echo '== simulation'
look --assumeno ${words} | tee "$t/said"
echo '== status 1'
grep -q '^Transaction Summary' "$t/said" || exit 0
n=$(sed -n 's/^Total \\(download \\)*size: \\([0-9]*\\)\\.*[0-9]* *\\([kMGT]*\\) *$/\\2 \\3/p' "$t/said" | { m=0; while read -r n unit; do case $unit in M) m=$((m + n));; [GT]) m=$((m + n * 1024));; esac; done; echo $m; })
[ $n -le ${MOST / 1024 / 1024} ] || { echo "== unseen they are $n MB"; exit 0; }
look "-y --nogpgcheck --downloadonly --downloaddir=$k/rpms" ${words} >"$t/said" || fail 'they cannot be downloaded'
[ -L /lib ] && echo '== merged'
for p in "$k"/rpms/*.rpm; do
  [ -e "$p" ] || continue
  name=$(rpm -qp --nosignature --qf '%{NAME}' "$p") || fail "$p cannot be read"
  case ${quote(` ${known.join(' ')} `)} in *" $name "*) continue;; esac
  echo "== package $name"
  rpm -qp --nosignature --qf ${quote(FORMAT)} "$p" | while IFS='	' read -r flags mode owner size path target; do
    case $flags in *g*) continue;; esac
    case $path in ''|${UNASKED}) continue;; esac
    [ -e "$path" ] || [ -L "$path" ] || printf '%s\\t%s\\t%s\\t%s%s\\n' "$mode" "$owner" "$size" "$path" "\${target:+ -> $target}"
  done
  rpm -qp --nosignature --scripts "$p" | grep -v '^[[:space:]]*#' >"$t/scripts"
  grep -E 'useradd|groupadd|systemd-sysusers|alternatives' "$t/scripts" | sed 's/alternatives/update-alternatives/; s/^/== script /'
  for u in $(grep -E 'preset|systemd-update-helper' "$t/scripts" | grep -oE '[A-Za-z0-9_.:-]+\\.(service|socket|timer|path|target|mount)' | sort -u); do preset "$u"; done
  rm -rf -- "$t/x"; mkdir "$t/x"
  if command -v rpm2archive >/dev/null; then rpm2archive - <"$p" | tar -xzf - -C "$t/x" --wildcards './etc/*' './usr/lib/systemd/*' 2>/dev/null
  else (cd "$t/x" && rpm2cpio "$p" | cpio -idm --quiet './etc/*' './usr/lib/systemd/*' 2>/dev/null); fi
  find "$t/x" -type f -size -128k -exec sh -c 'for f; do printf "== content %s\\n" "\${f#"$0"}"; base64 "$f"; done' "$t/x" {} +
done
:`
}
