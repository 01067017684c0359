import { lookAtMarks, type Marks, planMarks, wantsMarks } from '../state/marks.ts'
import type { HostDefinition, Plan } from './definition.ts'

type HostModule = HostDefinition<unknown, unknown, unknown>

interface MarkedState {
  readonly state: unknown
  readonly marks?: readonly Marks[]
}

/** A module with the parameters of `markParams`, which need nothing of its own but what it leaves at which path. */
export function marked(definition: HostModule): HostDefinition<unknown, unknown, MarkedState> {
  const { probe, plan, after, marks: paths = leftAt } = definition
  /** The module's own plans, which `after` knows. */
  const owns = new WeakMap<Plan, Plan>()
  return {
    ...definition,
    async probe(host, params, controller) {
      const state = await probe(host, params, controller)
      if (!wantsMarks(params as object)) return { state }
      const own = plan(state, params)
      const left = own.failed === undefined && own.skipped === undefined ? paths(own, state, params) : []
      return { state, marks: await lookAtMarks(host, left) }
    },
    plan({ state, marks = [] }, params) {
      const own = plan(state, params)
      if (marks.length === 0) return own
      const { changes, steps, failed } = planMarks(marks, params as object, own.steps ?? [])
      if (failed !== undefined) return { failed, ...(own.result ? { result: own.result } : {}) }
      const whole: Plan = {
        ...own,
        changes: [...(own.changes ?? []), ...changes],
        steps: [...(own.steps ?? []), ...steps],
      }
      owns.set(whole, own)
      return whole
    },
    async after(host, done, replies, params, controller) {
      const told = (await after?.(host, owns.get(done) ?? done, replies, params, controller)) ?? {}
      const markedNow = done.changes?.some(({ path }) => / (attributes|SELinux label)$/.test(path)) ?? false
      return markedNow && told.changed === false ? { ...told, changed: true } : told
    },
  }
}

function leftAt({ result = {} }: Plan): string[] {
  if (result['state'] === 'absent') return []
  const path = result['path'] ?? result['dest']
  return typeof path === 'string' ? [path] : []
}
