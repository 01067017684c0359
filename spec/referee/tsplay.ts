import { fileURLToPath } from 'node:url'
import type { Event as RunEvent } from '../../engine/base/event.ts'
import { attempt } from '../lab/command.ts'
import { captured, eventsIn } from '../run/story.ts'
import { out } from './ansible.ts'
import { Arena, type Stage } from './arena.ts'
import type { Spelling } from './case.ts'
import {
  labelText,
  type Outcome,
  recapLines,
  type Saying,
  sayingLines,
  type Told,
  taskLines,
  valueText,
} from './outcome.ts'

const main = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url))
const cli = ['--conditions=tsplay-source', '--import', import.meta.resolve('tsx'), main]

let before: Promise<unknown> = Promise.resolve()

/**
 * Plays what is written in `folder` with the command line of this checkout: one after the other, and in this process where the
 * hosts can be reached from it.
 */
export function byTsplay(
  arena: Stage,
  folder: string,
  { words, files, byHost }: Spelling,
  more: readonly string[] = [],
): Promise<{ outcome: Outcome; shown: string }> {
  const all = ['run', 'site.yml', ...words, ...more, '--output', 'jsonl']
  const turn = before.then(() =>
    arena instanceof Arena
      ? arena.from(() => captured(folder, all))
      : attempt(arena.words([process.execPath, ...cli, ...all]), { cwd: folder }),
  )
  before = turn.catch(() => {})
  return turn.then(({ status, stdout, stderr }) => {
    const events = eventsIn(stdout)
    const free = byHost || Object.values(files).some((text) => /strategy:\s*(free|host_pinned)/.test(text))
    const outcome = { status, ...told(events, free), files: { ...arena.files(), ...out(folder) } }
    return { outcome, shown: `${stdout}${stderr}` }
  })
}

function told(events: readonly RunEvent[], free: boolean): Pick<Outcome, 'tasks' | 'says' | 'recap'> {
  const names = new Map<number, string>()
  const results: Told[] = []
  const says: Saying[] = []
  const items = new Map<string, string[]>()
  let recap: string[] = []
  for (const event of events) {
    if (event.event === 'task_start') names.set(event.id, event.task)
    if (event.event === 'recap') recap = recapLines(event.hosts as never)
    if (event.event !== 'result' && event.event !== 'item') continue
    const { id: task, host, result } = event
    const status = shownStatus(event.status, result)
    if (event.action === 'debug' && ['ok', 'changed'].includes(status) && result.results === undefined) {
      const said = result.msg ?? Object.entries(result).find(([name]) => !own.has(name))?.[1]
      if (result['censored'] === undefined) says.push({ task, host, text: valueText(said) })
    }
    const key = `${task} ${host}`
    if (event.event === 'item') items.set(key, [...(items.get(key) ?? []), `${shownLabel(event.label)} ${status}`])
    else results.push({ task, name: names.get(task) ?? event.task, host, status, items: items.get(key) ?? [] })
  }
  return { tasks: taskLines(results, free), says: sayingLines(says, free), recap }
}

/** What every result has; a debug task's variable is beside it. */
const own = new Set(['changed', 'failed', 'skipped', 'item', 'ansible_loop_var', 'results', 'censored', 'attempts'])

/** Ansible's reports know no "ignored": such a host failed, and went on. */
function shownStatus(status: string, result: { unreachable?: boolean }): string {
  if (status !== 'ignored') return status
  return result.unreachable ? 'unreachable' : 'failed'
}

/** A label is an item's JSON, or a text. */
function shownLabel(label: string): string {
  return /^[[{]/.test(label) ? labelText(JSON.parse(label)) : label
}
