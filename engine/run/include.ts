import { asProblem, Problem, Problems } from '../base/problem.ts'
import { type Result, statusOf } from '../base/result.ts'
import { place } from '../base/span.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import { type Entry, entryName, type Setting, type Task } from '../book/entry.ts'
import { keywordsThrough, type Level } from '../book/level.ts'
import { argument, readTaskFile, repeats, tasksFile } from '../book/read-entries.ts'
import { useRole } from '../book/read-role.ts'
import { emptyLevel, type Reading, readLevel } from '../book/reading.ts'
import type { RoleUse } from '../book/role.ts'
import { ranks } from '../hosts/ranks.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import { censored, maskedProblem, maskedResult } from './done.ts'
import type { Circle, EntriesRunner } from './entries-runner.ts'
import type { HostState } from './host-state.ts'
import { itemLayer, loopControl, loopItems } from './loop-items.ts'
import { booleanKeyword } from './task-keywords.ts'
import { safely, TaskVoice } from './task-voice.ts'
import { tellRescue } from './tell-rescue.ts'

interface Wanted {
  readonly key: string
  readonly name: string
  readonly more: readonly Layer[]
  readonly hosts: HostState[]
  readonly scope: Scope
}

/** With the variables of all the includes around it, its own included. */
interface Placed extends Wanted {
  readonly around: readonly Layer[]
}

/** include_tasks and include_role: what each host asks for is read, and run for the hosts that ask for the same. */
export async function includeEntries(
  runner: EntriesRunner,
  task: Task,
  workers: readonly HostState[],
  circle: Circle,
  id: number,
): Promise<HostState[]> {
  const { context } = runner
  const { session } = context
  const failed: HostState[] = []
  const wanted: Wanted[] = []
  for (const state of workers) {
    try {
      const asked = wantedBy(runner, task, state, circle)
      if (asked.length === 0) {
        state.recap.skipped++
        emitResult(runner, task, state, id, {
          changed: false,
          skipped: true,
          skip_reason: 'Conditional result was False',
        })
        continue
      }
      // As Ansible counts: each file once, roles not at all.
      if (task.action === 'include_tasks') state.recap.ok += asked.length
      if (task.role) context.noteRun(state, task.role)
      for (const one of asked) {
        // The same asked for twice is brought twice.
        const known = wanted.find(({ key, hosts }) => key === one.key && !hosts.includes(state))
        if (known) known.hosts.push(state)
        else wanted.push({ ...one, hosts: [state] })
      }
      emitResult(runner, task, state, id, {
        changed: false,
        msg: `included: ${[...new Set(asked.map((one) => one.name))].join(', ')}`,
        include: asked.map((one) => one.name),
      })
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) {
        state.recap.ok++
        state.recap.may_change++
        emitResult(runner, task, state, id, {
          changed: false,
          may_change: `what is included rests on ${thrown.unknown.reason}`,
        })
        continue
      }
      const problem = asProblem(thrown).at(task.actionSpan)
      const ignored = booleanKeyword(task.levels, 'ignore_errors', context.taskScope(state, task, circle.more)) ?? false
      emitResult(runner, task, state, id, { changed: false, failed: true, msg: problem.message }, problem, ignored)
      if (ignored) {
        state.recap.ok++
        state.recap.ignored++
        continue
      }
      if (circle.rescuable) state.recap.rescued++
      else state.recap.failed++
      if (circle.rescuable) tellRescue(context, task, state, { failed: true, msg: problem.message }, circle.more)
      failed.push(state)
    }
  }
  // All are read before any runs: tasks of the first may notify handlers that the last brings.
  const asked = wanted.map((one) => {
    const placed = { ...one, around: [...circle.more, ...one.more] }
    return { ...placed, read: safelyRead(runner, task, placed) }
  })
  for (const { read, hosts } of asked) {
    if (read instanceof Problem) {
      for (const state of hosts) {
        if (failed.includes(state)) continue
        emitResult(runner, task, state, id, { changed: false, failed: true, msg: read.message }, read)
        if (task.action === 'include_tasks') state.recap.ok--
        if (circle.rescuable) state.recap.rescued++
        else state.recap.failed++
        if (circle.rescuable) tellRescue(context, task, state, { failed: true, msg: read.message }, circle.more)
        failed.push(state)
      }
    }
  }
  for (const { read, around, hosts: all } of asked) {
    const hosts = all.filter((state) => state.active && !failed.includes(state))
    if (read instanceof Problem || hosts.length === 0 || session.interrupted) continue
    failed.push(...(await runner.run(read, hosts, { ...circle, more: around })))
  }
  return failed
}

/** What a host asks for: nothing (its condition is false), one file, or one for each item. */
function wantedBy(runner: EntriesRunner, task: Task, state: HostState, circle: Circle): Omit<Wanted, 'hosts'>[] {
  const { context } = runner
  const scope = context.taskScope(state, task, circle.more)
  const holds = (at: Scope) => keywordsThrough(task.levels, 'when').every((node) => evaluateCondition(node, at))
  const nameNode =
    task.action === 'include_role' ? (argument(task, 'name') ?? argument(task, 'role')) : argument(task, 'file', true)
  if (!nameNode)
    throw new Problem(
      'bad-parameter',
      `${task.action} needs ${task.action === 'include_role' ? 'the name of a role' : 'a file'}.`,
      { at: task.actionSpan },
    )
  const items = task.loop ? loopItems(task, scope, context.play.folder)! : undefined
  const control = loopControl(task, scope)
  const rounds = items ? items.map((_, index) => [itemLayer(control, items, index)]) : [[]]
  return rounds.flatMap((layers) => {
    const at = context.taskScope(state, task, [...circle.more, ...layers])
    if (!holds(at)) return []
    const name = String(renderValue(nameNode, at))
    // The loop's variables are the include's own, seen by all it brings.
    const more = layers.map((layer) => ({ ...layer, rank: ranks.includeParams }))
    return [{ key: `${name}\0${JSON.stringify(layers.map((layer) => [...layer.variables]))}`, name, more, scope: at }]
  })
}

function safelyRead(runner: EntriesRunner, task: Task, wanted: Placed): readonly Entry[] | Problem {
  const { reading } = runner.context.session
  const before = reading.problems.length
  const filesBefore = reading.files.problems.length
  const here = {
    ...reading,
    playbookFolder: runner.context.play.folder,
    roleUses: [],
    open: [] as string[],
  }
  const entries = read(runner, here, task, wanted)
  const problems = [...reading.problems.splice(before), ...reading.files.problems.slice(filesBefore)]
  if (problems.length > 0)
    return problems.length === 1
      ? problems[0]!
      : new Problem(problems[0]!.code, new Problems(problems).message, { at: problems[0]!.spans })
  return entries
}

function read(runner: EntriesRunner, reading: Reading, task: Task, wanted: Placed): readonly Entry[] {
  const setting: Setting = {
    levels: [...task.levels.slice(0, -1), dynamicLevel(task), ...applied(reading, task)],
    role: task.role,
    folder: task.folder,
  }
  const at = task.actionSpan
  const { context } = runner
  if (task.action === 'include_tasks') {
    const path = tasksFile(reading, setting, wanted.name, at)
    const entries = path ? readTaskFile(reading, path, setting, at, task.handler) : []
    runner.addHandlers(reading.roleUses, wanted.around)
    context.publish(reading.roleUses)
    return entries
  }
  const from = (kind: string) => {
    const node = argument(task, `${kind}_from`)
    return node ? String(renderValue(node, wanted.scope)) : undefined
  }
  const isPublic = argument(task, 'public')
  const use = useRole(reading, wanted.name, at, {
    setting,
    level: emptyLevel('role', task.span),
    params: new Map(),
    tasksFrom: from('tasks'),
    varsFrom: from('vars'),
    defaultsFrom: from('defaults'),
    handlersFrom: from('handlers'),
    public: isPublic ? renderValue(isPublic, wanted.scope) === true : false,
    repeats: repeats(task, (node) => renderValue(node, wanted.scope)),
    included: new Map([...task.own.vars, ...wanted.more.flatMap((layer) => [...layer.variables])]),
    dependencies: true,
  })
  if (!use) return []
  runner.addHandlers([...use.needs, ...reading.roleUses, use], wanted.around)
  // What the role imports is the play's, whatever the role is.
  const own = withNeeds(use)
  context.publish(use.public ? [...reading.roleUses, use] : reading.roleUses.filter((one) => !own.includes(one)))
  return use.entries
}

function withNeeds(use: RoleUse): RoleUse[] {
  return [...use.needs.flatMap(withNeeds), use]
}

/** A dynamic include hands on its variables only; its tags and conditions are its own. */
function dynamicLevel(task: Task): Level {
  return { ...task.own, bearer: 'include', dynamic: true, keywords: new Map(), tags: [] }
}

/** `apply:` are keywords for all that is included. */
export function applied(reading: Reading, task: Task): Level[] {
  const node = argument(task, 'apply')
  if (node?.kind !== 'map') return []
  return [readLevel(reading, 'block', node).level]
}

function emitResult(
  runner: EntriesRunner,
  task: Task,
  state: HostState,
  id: number,
  result: Result,
  problem?: Problem,
  ignored = false,
): void {
  const { context } = runner
  const { session } = context
  if (task.register !== undefined) state.set('set_fact', { [task.register]: { failed: false, ...result } })
  const hidden = new TaskVoice(session, task, state, id).hidden(safely(() => context.taskScope(state, task), undefined))
  session.emit({
    event: 'result',
    host: state.name,
    task: entryName(task),
    action: task.action,
    place: place(task.span),
    status: ignored ? 'ignored' : statusOf(result),
    changed: false,
    result: hidden ? censored(result) : maskedResult(result, session.masker),
    ...(problem && !hidden ? { problem: maskedProblem(problem, session.masker) } : {}),
    duration_ms: 0,
    id,
  })
}
