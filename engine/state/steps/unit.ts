import { quote } from '../../wire/quote.ts'
import type { Effect } from '../effect.ts'
import { systemctl, type Unit, type UnitScope, unit } from '../reads/unit.ts'
import type { Step } from '../step.ts'

export type UnitVerb = 'start' | 'stop' | 'restart' | 'reload' | 'enable' | 'disable' | 'mask' | 'unmask'

export interface UnitChange {
  readonly name: string
  readonly scope: UnitScope
  /** What the unit will be, as far as the verb says it. */
  readonly becomes: Partial<Unit>
  readonly noBlock?: boolean
  readonly force?: boolean | undefined
}

const WORDS: Record<UnitVerb, string> = {
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  reload: 'reload',
  enable: 'enable',
  disable: 'disable',
  mask: 'mask',
  unmask: 'unmask',
}
const STARTS: readonly UnitVerb[] = ['start', 'restart', 'reload']

/** One verb on one unit. When a start fails, its journal since then is told. */
export function changeUnit(verb: UnitVerb, change: UnitChange): Step {
  const { name, scope } = change
  const control = systemctl(scope)
  const flags = [
    ...(change.noBlock && !/able$|mask$/.test(verb) ? ['--no-block'] : []),
    ...(change.force ? ['--force'] : []),
    ...(/able$|mask$/.test(verb) ? ['--quiet'] : []),
  ]
  const command = [control, ...flags, verb, '--', quote(name)].join(' ')
  const effects: Effect[] = [
    { read: unit.name, key: unit.key({ name, scope }), gives: change.becomes },
    { forgets: unit.name },
    { forgets: 'unit-reload' },
    { outdates: 'service-facts', why: `the services once ${name} was told to ${WORDS[verb]}` },
  ]
  return {
    name: `unit-${verb}`,
    show: `${WORDS[verb]} ${name}`,
    script:
      STARTS.includes(verb) && !change.noBlock && scope !== 'global'
        ? startScript(command, control, name, verb)
        : command,
    effects,
  }
}

/**
 * Waits for the job, then a moment longer: a service without readiness notice counts as started before it fails.
 * A failure tells the result, the exit status and the last 15 lines of the journal since the start.
 */
function startScript(command: string, control: string, name: string, verb: UnitVerb): string {
  const unitWord = quote(name)
  const journal = control.includes('--user') ? 'journalctl --user' : 'journalctl'
  return `since=$(date +%s)
said=$(${command} 2>&1 </dev/null); status=$?
if [ $status -eq 0 ]; then
  sleep 0.3 2>/dev/null || sleep 1
  case $(${control} show -p ActiveState -p SubState -- ${unitWord} 2>/dev/null) in
    *ActiveState=failed*|*SubState=auto-restart*) status=1;;
    *) exit 0;;
  esac
fi
exec >&2
facts=$(${control} show -p Result -p ExecMainStatus -p LoadState -- ${unitWord} 2>/dev/null | tr '\\n' ' ')
case $facts in
  *LoadState=loaded*) ;;
  *) printf '%s\\n' "$said" | head -n 5; exit $status;;
esac
case $facts in
  *Result=success*) printf '%s\\n' "$said" | head -n 5; exit $status;;
  *) echo ${quote(`${name} failed on ${verb}`)} "($facts)" | sed 's/Result=/result /; s/ ExecMainStatus=/, exit status /; s/ *LoadState=[a-z-]* *)/)/';;
esac
${journal} --sync >/dev/null 2>&1
lines=$(${journal} -u ${unitWord} --since "@$since" -n 15 --no-pager -q -o cat 2>/dev/null)
[ -n "$lines" ] && printf 'its journal:\\n%s\\n' "$lines"
exit $status`
}

/** Has systemd read its unit files again. */
export function reloadManager(
  scope: UnitScope,
  becomes?: { readonly name: string; readonly unit: Partial<Unit> },
): Step {
  const effects: Effect[] = [{ read: 'unit-reload', key: scope, gives: false }, { forgets: unit.name }]
  if (becomes) effects.push({ read: unit.name, key: unit.key({ name: becomes.name, scope }), gives: becomes.unit })
  return {
    name: 'daemon-reload',
    show: 'have systemd read its unit files again',
    script: `${systemctl(scope)} daemon-reload`,
    effects,
  }
}

/** Has systemd replace itself by its program as it is now. */
export function reexecManager(scope: UnitScope): Step {
  return {
    name: 'daemon-reexec',
    show: 'have systemd execute itself again',
    script: `${systemctl(scope)} daemon-reexec`,
    effects: [{ forgets: unit.name }],
  }
}
