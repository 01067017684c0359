import { Problem } from '../../base/problem.ts'
import type { Block, Task } from '../../book/entry.ts'
import { isComputed } from '../../book/form.ts'
import { keywordOf, type Level } from '../../book/level.ts'
import type { Node } from '../../lang/node.ts'
import { shortName } from '../../module/registry.ts'
import type { Written } from './written.ts'

/** Modules that never say "changed": what they would notify never runs. */
const neverChange = new Set([
  'assert',
  'async_status',
  'debug',
  'fail',
  'find',
  'getent',
  'include_vars',
  'package_facts',
  'pause',
  'ping',
  'service_facts',
  'set_fact',
  'setup',
  'slurp',
  'stat',
  'wait_for',
  'wait_for_connection',
])

/** Keywords that do nothing where they stand. */
export function withoutEffect(written: Written): Problem[] {
  return [...written.tasks.flatMap(ofTask), ...becoming(written), ...written.blocks.flatMap(ofBlock)]
}

const none = (word: string, because: string, at: Node, hint: string) =>
  new Problem('no-effect', `"${word}" has no effect here: ${because}`, { at: at.span, hint })

function ofTask(task: Task): Problem[] {
  const found: Problem[] = []
  const own = (word: string) => task.own.keywords.get(word)
  const needs = (word: string, other: string, there: boolean, hint: string) => {
    const node = own(word)
    if (node && !there) found.push(none(word, `there is no "${other}"`, node, hint))
  }
  const until = own('until') !== undefined
  needs('delay', 'until', until || own('retries') !== undefined, 'Say with "until" what is waited for.')
  needs(
    'poll',
    'async',
    keywordOf(task.levels, 'async') !== undefined,
    'Say with "async" how many seconds it may take.',
  )
  needs('loop_control', 'loop', task.loop !== undefined, 'Take it out, or write the loop.')
  const delegated = task.local || keywordOf(task.levels, 'delegate_to') !== undefined
  needs('delegate_facts', 'delegate_to', delegated, 'Name the host with "delegate_to".')
  const notify = own('notify')
  const changedWhen = own('changed_when')
  if (notify && (isFalse(changedWhen) || (!changedWhen && neverChange.has(shortName(task.action))))) {
    const why = changedWhen ? '"changed_when" says it never changes' : `"${task.action}" never changes anything`
    found.push(none('notify', why, notify, 'Handlers run only after a change: notify from a task that makes one.'))
  }
  return found
}

/** become_user says whom to become, not whether. */
function becoming(written: Written): Problem[] {
  const { options } = written.session
  if (options.become || written.mentionsKey('ansible_become')) return []
  return written.levels.flatMap((level) => {
    const node = level.keywords.get('become_user')
    if (!node) return []
    const below = written.tasks.filter((task) => task.levels.some((one) => same(one, level)))
    if (below.length === 0 || below.some((task) => becomes(task))) return []
    return [none('become_user', 'nothing says "become: true"', node, 'Add "become: true" beside it.')]
  })
}

const same = (a: Level, b: Level) => a.span.source === b.span.source && a.span.start === b.span.start

function becomes(task: Task): boolean {
  const node = keywordOf(task.levels, 'become')
  return node !== undefined && !isFalse(node)
}

function ofBlock(block: Block): Problem[] {
  const node = block.own.keywords.get('ignore_errors')
  const rescue = block.own.keywords.get('rescue')
  if (!node || !rescue || isComputed(node) || isFalse(node)) return []
  return [
    new Problem('no-effect', '"rescue" has no effect here: failures of the block are ignored', {
      at: [rescueKey(block) ?? rescue.span, node.span],
      hint: 'Take "ignore_errors" out of the block.',
    }),
  ]
}

/** The word itself rather than all the tasks below it. */
function rescueKey({ own }: Block) {
  const node = own.keywords.get('rescue')
  if (!node) return undefined
  const { source, start } = node.span
  const at = source.text.lastIndexOf('rescue', start)
  return at < 0 ? undefined : { source, start: at, end: at + 'rescue'.length }
}

function isFalse(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && /^(?:false|no|off)$/i.test(node.text)
}
