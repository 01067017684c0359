import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

export type InitManager = 'systemd' | 'openrc' | 'sysvinit'

export interface InitAsk {
  readonly name: string
  /** `auto`: whoever runs the host's services. */
  readonly manager: InitManager | 'auto'
  /** What the list of processes shows of it while it runs, for a service whose script cannot tell. */
  readonly pattern?: string | undefined
  /** The runlevel that OpenRC is asked about. */
  readonly runlevel: string
}

/** A service as an init script has it. Predictions say only what the command changes. */
export interface InitService {
  /** Another word: who runs the services instead, as the fact service_mgr. */
  readonly manager: string
  readonly exists: boolean
  readonly running: boolean
  readonly crashed: boolean
  readonly enabled: boolean
  /** What enables and disables; null: the host has nothing for it. */
  readonly tool: 'update-rc.d' | 'chkconfig' | 'rc-update' | null
}

/** As the fact service_mgr: what the first process is, and where that says nothing, what there is. Sets $m. */
const FIND_MANAGER = `has() { command -v "$1" >/dev/null 2>&1; }
m= c=; { read -r c </proc/1/comm; } 2>/dev/null; c=\${c##*/}
case $c in ''|init|*sh) ;; openrc-init) m=openrc;; procd) m=openwrt_init;; runit-init) m=runit;; svscan) m=svc;; *) m=$c;; esac
if [ -z "$m" ]; then
  if has systemctl && [ -d /run/systemd/system ]; then m=systemd
  elif has initctl && [ -d /etc/init ]; then m=upstart
  elif [ -e /sbin/openrc ]; then m=openrc
  else case $(readlink /sbin/init 2>/dev/null) in *systemd) m=systemd;; *) [ ! -d /etc/init.d ] || m=sysvinit;; esac
  fi
fi
case $m in systemd|openrc|sysvinit|upstart) ;; *)
  # Some other first process, as in a container: what can be used counts.
  if has systemctl && [ -d /run/systemd/system ]; then m=systemd
  elif has rc-service; then m=openrc
  elif [ -x "/etc/init.d/$n" ]; then m=sysvinit
  fi ;;
esac`

const END = '\x1e'

/** On systemd just that it is systemd: nothing else is asked then. */
export const initService = defineRead<InitAsk, InitService>({
  name: 'init-service',
  key: (ask) => `${ask.name} ${ask.manager} ${ask.runlevel} ${ask.pattern ?? ''}`,
  paths: (ask) => [`/etc/init.d/${ask.name}`],
  items: (asks) => asks.map(lookScript),
  parse: (replies, asks) => asks.map((ask, index) => read(replies[index]!.stdout.toString('utf8'), ask)),
})

function lookScript({ name, manager, pattern, runlevel }: InitAsk): string {
  return `n=${quote(name)} l=${quote(runlevel)}
${manager === 'auto' ? FIND_MANAGER : `has() { command -v "$1" >/dev/null 2>&1; }; m=${manager}`}
printf '%s\\036' "$m"
case $m in
  openrc)
    if has rc-service && rc-service -e "$n" >/dev/null 2>&1; then echo exists; fi
    ! has rc-update || echo rc-update
    rc-update show "$l" 2>/dev/null | while read -r one _; do [ "$one" != "$n" ] || echo enabled; done ;;
  sysvinit)
    [ ! -x "/etc/init.d/$n" ] || echo exists
    for t in chkconfig update-rc.d; do ! has $t || echo $t; done
    for s in /etc/rc[0-9S].d/S[0-9][0-9]"$n" /etc/init.d/rc[0-9S].d/S[0-9][0-9]"$n"; do if [ -L "$s" ] || [ -e "$s" ]; then echo enabled; break; fi; done ;;
  *) exit 0 ;;
esac
printf '\\036'
${pattern === undefined ? STATUS : `{ ps -ef 2>/dev/null || ps; } | while IFS= read -r p; do case $p in *${quote(pattern)}*) echo found; break;; esac; done; printf '\\0360'`}
`
}

const STATUS = `if [ "$m" = openrc ]; then rc-service "$n" status 2>&1 </dev/null
elif has service; then service "$n" status 2>&1 </dev/null
else "/etc/init.d/$n" status 2>&1 </dev/null
fi
printf '\\036%s' $?`

function read(output: string, ask: InitAsk): InitService {
  const [manager = '', facts = '', said = '', status = ''] = output.split(END)
  const words = facts.split('\n')
  const tool = (['rc-update', 'update-rc.d', 'chkconfig'] as const).find((one) => words.includes(one)) ?? null
  const running = ask.pattern === undefined ? runs(said, Number(status), ask.name) : said.includes('found')
  return {
    manager,
    exists: words.includes('exists'),
    running: words.includes('exists') && running,
    crashed: manager === 'openrc' && said.includes('crashed'),
    enabled: words.includes('enabled'),
    tool,
  }
}

/** What a script's words tell, where they are few: many scripts end with 0 whatever they found. Else its exit status. */
function runs(said: string, status: number, name: string): boolean {
  const lines = said.trim().split('\n')
  const words = said.toLowerCase().replaceAll(name.toLowerCase(), '')
  if (lines.length === 1) {
    if (/stop|is dead|dead but|could not access pid file|inactive|crashed/.test(words)) return false
    if (/run|start|active/.test(words) && !words.includes('not ')) return true
  }
  return status === 0
}
