import type { Change } from '../../base/result.ts'
import type { Decision } from '../decision.ts'
import { reloadNeeded, similarUnit, type Unit, type UnitScope, unit, unitName } from '../reads/unit.ts'
import type { Step } from '../step.ts'
import { changeUnit, reexecManager, reloadManager } from '../steps/unit.ts'
import type { Host } from '../view.ts'

/** Unit file states that count as enabled, as `systemctl is-enabled` succeeds for them. */
const ENABLED = ['enabled', 'enabled-runtime', 'static', 'alias', 'indirect', 'generated', 'transient']
/** States that have nothing to enable or disable. */
const FIXED = ['static', 'alias', 'indirect', 'transient']
const RUNNING = ['active', 'activating', 'reloading']

/** The parameters that modules which manage services have. */
export const serviceParams = {
  state: {
    enum: ['started', 'stopped', 'restarted', 'reloaded'],
    description: 'restarted and reloaded are done each time.',
  },
  enabled: { type: 'boolean', description: 'Whether it starts at boot.' },
  masked: { type: 'boolean', description: 'systemd: whether it cannot be started at all.' },
  daemon_reload: {
    type: 'boolean',
    default: false,
    aliases: ['daemon-reload'],
    description: 'systemd: read its unit files again, if any changed.',
  },
} as const

/** What a task wants of a unit; the same for every module that manages units. */
export interface UnitRequest {
  /** None: only the manager itself is meant. */
  readonly name?: string | undefined
  readonly state?: ServiceState | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  readonly daemon_reload: boolean
  readonly daemon_reexec: boolean
  readonly no_block: boolean
  readonly force: boolean
  readonly scope: UnitScope
}

export type ServiceState = 'started' | 'stopped' | 'restarted' | 'reloaded'

export interface UnitSight {
  readonly there: Unit | null
  /** Unit files changed since systemd read them, and it shall read them again. */
  readonly stale: boolean
  /** The nearest name, when there is no such unit. */
  readonly similar: string | null
}

export async function lookAtUnit(host: Host, params: UnitRequest): Promise<UnitSight> {
  const name = params.name === undefined ? undefined : unitName(params.name)
  const [there, stale] = await Promise.all([
    name === undefined ? null : host.read(unit, { name, scope: params.scope }),
    params.daemon_reload ? host.read(reloadNeeded, params.scope) : false,
  ])
  const missing = name !== undefined && there === null
  return { there, stale, similar: missing && params.scope === 'system' ? await host.read(similarUnit, name) : null }
}

/** What must be done so that the unit is as asked. Pure. */
export function planUnit({ there, stale, similar }: UnitSight, params: UnitRequest): Decision {
  const steps: Step[] = []
  const changes: Change[] = []
  const { scope } = params
  if (params.daemon_reexec) steps.push(reexecManager(scope))
  if (params.name === undefined) {
    if (stale) steps.push(reloadManager(scope))
    return { steps, result: { changed: false }, repeats: params.daemon_reexec }
  }
  const name = unitName(params.name)
  if (!there) {
    // Nobody is held back who is not there.
    if (params.masked === false && params.state === undefined && params.enabled === undefined)
      return { steps, result: { name: params.name } }
    if (params.masked !== true)
      return {
        failed: `This host has no unit ${name}.`,
        ...(similar
          ? { hint: `Did you mean "${similar}"?` }
          : { hint: 'Is the package or unit file that brings it there?' }),
      }
    const becomes = { load: 'masked', file: 'masked' } as const
    return {
      changes: [{ path: `${name} masked`, before: false, after: true }],
      steps: [...steps, changeUnit('mask', { name, scope, becomes })],
      result: { name: params.name },
    }
  }
  let now: Partial<Unit> = coreOf(there)
  const warnings: string[] = []
  const act = (
    verb: Parameters<typeof changeUnit>[0],
    becomes: Partial<Unit>,
    options: { noBlock?: boolean; force?: boolean | undefined } = {},
  ) => {
    now = { ...now, ...becomes }
    steps.push(changeUnit(verb, { name, scope, becomes: now, ...options }))
  }

  const masked = there.load === 'masked' || there.file.startsWith('masked')
  if (params.masked !== undefined && params.masked !== masked) {
    changes.push({ path: `${name} masked`, before: masked, after: params.masked })
    // What it is once unmasked only shows then.
    if (params.masked) act('mask', { load: 'masked', file: 'masked' })
    else {
      const { file: _, ...rest } = now
      now = rest
      act('unmask', { load: 'loaded' })
    }
  }
  const isMasked = params.masked ?? masked
  const running = RUNNING.includes(there.active)
  const wants = params.state
  const starts = wants === 'restarted' || wants === 'reloaded' || (wants === 'started' && !running)
  if (isMasked && (starts || params.enabled === true)) {
    return {
      failed: `${name} is masked: it cannot be ${starts ? 'started' : 'enabled'}.`,
      hint: 'Set "masked: false" to unmask it first.',
    }
  }
  if (starts && (there.load === 'error' || there.load === 'bad-setting') && !there.needsReload && !stale) {
    return {
      failed: `${name} cannot be loaded: ${there.error ?? there.load}`,
      hint: `On the host, "systemd-analyze verify ${name}" says what is wrong with the unit file.`,
    }
  }
  if (stale || (there.needsReload && (starts || params.enabled !== undefined))) {
    now = { ...now, needsReload: false, load: now.load === 'masked' ? 'masked' : 'loaded' }
    steps.push(reloadManager(scope, { name, unit: now }))
  }
  const file = String(now.file ?? '')
  const enabled = ENABLED.includes(file)
  if (params.enabled !== undefined && params.enabled !== enabled) {
    if (FIXED.includes(file))
      warnings.push(
        `${name} is ${file}: it has no [Install] section of its own and cannot be ${params.enabled ? 'enabled' : 'disabled'}.`,
      )
    else {
      changes.push({ path: `${name} enabled`, before: enabled, after: params.enabled })
      act(
        params.enabled ? 'enable' : 'disable',
        { file: params.enabled ? 'enabled' : 'disabled' },
        { force: params.force },
      )
    }
  }
  // A oneshot that does not remain is over as soon as it is done.
  const done: Partial<Unit> = there.type === 'oneshot' && !there.remains ? { active: 'inactive' } : { active: 'active' }
  const wait = { noBlock: params.no_block }
  const state = (verb: Parameters<typeof changeUnit>[0], after: string, becomes: Partial<Unit>) => {
    changes.push({ path: `${name} state`, before: there.active, after })
    act(verb, becomes, wait)
  }
  if (scope !== 'global') {
    if (wants === 'started' && !running) state('start', 'started', done)
    else if (wants === 'stopped' && (running || there.active === 'deactivating'))
      state('stop', 'stopped', { active: 'inactive' })
    else if (wants === 'restarted') state('restart', 'restarted', done)
    else if (wants === 'reloaded') state(running ? 'reload' : 'start', 'reloaded', done)
  }
  return {
    changes,
    steps,
    warnings,
    repeats:
      (wants === 'started' && done.active === 'inactive') ||
      wants === 'restarted' ||
      wants === 'reloaded' ||
      params.daemon_reexec,
    result: {
      name: params.name,
      ...(wants === undefined ? {} : { state: wants === 'stopped' ? 'stopped' : 'started' }),
      ...(params.enabled === undefined ? {} : { enabled: params.enabled }),
      status: statusOf(name, there),
      // As Ansible: reading unit files again alone is no change.
      ...(changes.length === 0 ? { changed: false } : {}),
    },
  }
}

/** What a prediction can say of a unit; times and processes only show when it is done. */
function coreOf(there: Unit): Partial<Unit> {
  return {
    load: there.load,
    active: there.active,
    file: there.file,
    needsReload: there.needsReload,
    ...(there.fragment === undefined ? {} : { fragment: there.fragment }),
    ...(there.type === undefined ? {} : { type: there.type }),
    ...(there.remains === undefined ? {} : { remains: there.remains }),
  }
}

function statusOf(name: string, there: Unit): Record<string, string> {
  return {
    Id: name,
    LoadState: there.load,
    ActiveState: there.active,
    UnitFileState: there.file,
    ...(there.sub === undefined ? {} : { SubState: there.sub }),
    ...(there.fragment === undefined ? {} : { FragmentPath: there.fragment }),
    ...(there.mainPid === undefined ? {} : { MainPID: String(there.mainPid) }),
    ...(there.since === undefined ? {} : { ActiveEnterTimestamp: there.since }),
    ...(there.result === undefined ? {} : { Result: there.result }),
  }
}
