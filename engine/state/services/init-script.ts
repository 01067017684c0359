import type { Change } from '../../base/result.ts'
import { quote } from '../../wire/quote.ts'
import type { Decision } from '../decision.ts'
import { type InitAsk, type InitService, initService } from '../reads/init-service.ts'
import type { Step } from '../step.ts'
import { splitWords } from '../words.ts'
import type { ServiceState } from './unit.ts'

/** What a task wants of a service that an init script runs. */
export interface InitRequest {
  readonly name: string
  readonly state?: ServiceState | undefined
  readonly enabled?: boolean | undefined
  /** Seconds between stop and start of a restart. */
  readonly sleep: number
  /** Further words for the script, split as a shell would. */
  readonly arguments?: string | undefined
}

/** What must be done so that the service is as asked, on a host of sysvinit or OpenRC. Pure. */
export function planInitService(there: InitService, ask: InitAsk, request: InitRequest): Decision {
  const { name, enabled, state } = request
  const openrc = there.manager === 'openrc'
  if (!there.exists)
    return {
      failed: `This host has no service ${name}.`,
      hint: `${openrc ? 'OpenRC' : 'sysvinit'} runs it, and there is no ${openrc ? 'script of that name' : `/etc/init.d/${name} that can be run`}. Is the package that brings it there?`,
    }
  const changes: Change[] = []
  const steps: Step[] = []
  let now: Partial<InitService> = there
  const step = (show: string, script: string, becomes: Partial<InitService>) => {
    now = { ...now, ...becomes }
    steps.push({
      name: 'service',
      show: `${show} ${name}`,
      script,
      effects: [
        { read: initService.name, key: initService.key(ask), gives: now },
        { forgets: initService.name },
        { outdates: 'service-facts', why: `the services once ${name} was told to ${show}` },
      ],
    })
  }
  if (enabled !== undefined && enabled !== there.enabled) {
    if (there.tool === null)
      return {
        failed: `${name} cannot be ${enabled ? 'enabled' : 'disabled'}: this host has neither update-rc.d nor chkconfig.`,
      }
    changes.push({ path: `${name} enabled`, before: there.enabled, after: enabled })
    step(enabled ? 'enable' : 'disable', enabling(there.tool, name, enabled, ask.runlevel), { enabled })
  }
  const done = stateChange(there, request, openrc)
  if (done) {
    changes.push({ path: `${name} state`, before: there.running ? 'started' : 'stopped', after: done.after })
    step(done.show, done.script, { running: state !== 'stopped', crashed: false })
  }
  return {
    changes,
    steps,
    repeats: state === 'restarted' || state === 'reloaded',
    result: {
      name,
      ...(state === undefined ? {} : { state: state === 'stopped' ? 'stopped' : 'started' }),
      ...(enabled === undefined ? {} : { enabled }),
    },
  }
}

function enabling(tool: NonNullable<InitService['tool']>, name: string, enabled: boolean, runlevel: string): string {
  const word = quote(name)
  if (tool === 'rc-update') return `rc-update ${enabled ? 'add' : 'delete'} ${word} ${quote(runlevel)}`
  if (tool === 'chkconfig') return `chkconfig ${word} ${enabled ? 'on' : 'off'}`
  // The links first where there are none; where they say that it must not start, they are kept by "defaults".
  return enabled ? `update-rc.d ${word} defaults && update-rc.d ${word} enable` : `update-rc.d ${word} disable`
}

/** The words and the script of a change of state; undefined: nothing is to be done. */
function stateChange(
  there: InitService,
  { name, state, sleep, ...request }: InitRequest,
  openrc: boolean,
): { show: string; after: string; script: string } | undefined {
  const wants = { started: 'start', stopped: 'stop', restarted: 'restart', reloaded: 'reload' } as const
  if (state === undefined || (state === 'started' && there.running) || (state === 'stopped' && !there.running))
    return undefined
  const verb = state === 'reloaded' && !there.running ? 'start' : wants[state]
  const more = splitWords(request.arguments ?? '').map((word) => quote(word.value))
  const control = openrc ? `rc-service ${quote(name)}` : quote(`/etc/init.d/${name}`)
  const run = (word: string) => ['run', control, word, ...more].join(' ')
  const lines: string[] = []
  if (openrc && there.crashed && verb === 'start') lines.push(`run ${control} zap`)
  // Not every init script can restart; one that does not run may fail to stop.
  if (verb === 'restart' && !openrc) lines.push(`( ${run('stop')} ) || :`, `sleep ${sleep}`, run('start'))
  else lines.push(run(verb))
  // A daemon that keeps its output open would go on speaking into the next step's.
  const helper =
    't=$(mktemp) || exit 1\ntrap \'rm -f -- "$t"\' EXIT\nrun() { "$@" >"$t" 2>&1 </dev/null; s=$?; cat "$t"; [ $s -eq 0 ] || { cat "$t" >&2; exit $s; }; }'
  return { show: verb, after: state, script: [helper, ...lines].join('\n') }
}
