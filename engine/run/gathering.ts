import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LimitFunction } from 'p-limit'
import { asProblem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { place } from '../base/span.ts'
import type { Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { toPlain } from '../lang/plain.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { isSelected } from './tags.ts'
import { TaskRunner } from './task-runner.ts'
import { weigh } from './thresholds.ts'

const FACT =
  /\b(?:facts|ansible_facts|ansible_(?!check_mode|diff_mode|host\b|port\b|user\b|connection|become|password|ssh|play|forks|loop|job_id|async|stats|delegated|failed|limit|verbosity|version|run_tags|skip_tags|role_name|parent_role|index_var|python|group_priority)\w+)\b/

/** Whether a name is that of a fact, known when the play runs. */
export function isFact(name: string): boolean {
  return FACT.exec(name)?.[0] === name && name !== ''
}

/** Whether the play gathers facts: its own tags decide, too, and without any they are always gathered. */
export function gathers(context: PlayContext): boolean {
  const { tags, skipTags } = context.session.options
  const own = context.play.level.tags.length > 0 ? context.play.level.tags : ['always']
  return isSelected(own, tags, skipTags) && wantsFacts(context)
}

/** Facts are gathered when the play says so, or, where it says nothing, when anything it reads names one. */
export function wantsFacts(context: PlayContext): boolean {
  const node = keywordOf([context.play.level], 'gather_facts')
  if (node) return toPlain(node) !== false && !/^(false|no|off)$/i.test(String(toPlain(node)))
  const span = context.play.span
  if (FACT.test(span.source.text.slice(span.start, span.end))) return true
  const folders = new Set(context.play.roleUses.map((use) => use.role.folder))
  for (const use of context.play.roles) folders.add(use.role.folder)
  for (const folder of folders) if (mentionsFacts(folder)) return true
  return context.flat.some((task) => FACT.test(task.span.source.text))
}

const known = new Map<string, boolean>()

function mentionsFacts(folder: string): boolean {
  let answer = known.get(folder)
  if (answer === undefined) {
    answer = ['tasks', 'handlers', 'defaults', 'vars', 'templates', 'meta'].some((part) => {
      const path = join(folder, part)
      return (
        existsSync(path) &&
        readdirSync(path, { recursive: true, withFileTypes: true }).some(
          (entry) => entry.isFile() && FACT.test(readFileSync(join(entry.parentPath, entry.name), 'utf8')),
        )
      )
    })
    known.set(folder, answer)
  }
  return answer
}

/** "Gathering Facts", as a task like any other. */
export async function gatherFor(
  context: PlayContext,
  hosts: readonly HostState[],
  limit: LimitFunction,
): Promise<void> {
  const { session, play } = context
  // Asked for, they are gathered anew in every play; otherwise once is enough.
  const asked = keywordOf([play.level], 'gather_facts') !== undefined
  const needed = hosts.filter((state) => asked || !state.factsGathered)
  if (needed.length === 0 || !(await session.stepping.wants('TASK: Gathering Facts'))) return
  const subset = play.level.keywords.get('gather_subset')
  const task = setupTask(play.level.span, context, subset ? toPlain(subset) : undefined)
  const id = session.nextId()
  session.emit({
    event: 'task_start',
    task: 'Gathering Facts',
    action: 'setup',
    handler: false,
    place: place(play.span),
    id,
  })
  await Promise.all(
    needed.map((state) =>
      limit(async () => {
        const outcome = await new TaskRunner(context, task, state, id).run()
        if (outcome.status === 'unreachable') {
          state.recap.unreachable++
          state.unreachable = true
        } else if (outcome.status === 'failed') {
          state.recap.failed++
          state.failed = true
          state.problem = outcome.problem ?? asProblem(outcome.result.msg)
        } else {
          state.recap.ok++
          if (outcome.status === 'ignored') state.recap.ignored++
          else state.factsGathered = true
        }
      }),
    ),
  )
  weigh(context, task, 'Gathering Facts', {
    failed: needed.filter((state) => state.failed),
    unreachable: needed.filter((state) => state.unreachable),
  })
}

function setupTask(span: Span, context: PlayContext, subset: unknown): Task {
  const word = (text: string) => ({ kind: 'scalar' as const, value: text, text, style: 'quoted' as const, span })
  const own = {
    bearer: 'task' as const,
    span,
    keywords: new Map([['name', word('Gathering Facts')]]),
    tags: [],
    vars: new Map(),
  }
  const pairs =
    subset === undefined
      ? []
      : [
          {
            key: word('gather_subset'),
            value: {
              kind: 'seq' as const,
              span,
              items: ([] as unknown[]).concat(subset).map((one) => word(String(one))),
            },
          },
        ]
  return {
    kind: 'task',
    levels: [...context.play.outer, context.play.level, own],
    role: undefined,
    folder: context.play.folder,
    action: 'setup',
    actionSpan: span,
    args: { kind: 'map', pairs, span },
    moreArgs: undefined,
    loop: undefined,
    register: undefined,
    local: false,
    handler: true,
    listen: [],
    own,
    span,
  }
}
