import { stringify } from 'yaml'
import { Problem, Problems } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import { place, Source } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import { entryName, type Task } from '../book/entry.ts'
import { readItems } from '../book/read-playbook.ts'
import { parseYaml } from '../lang/yaml.ts'
import { type Explained, type Explanation, explain, learnSecrets, pathOf } from '../preflight/explained.ts'
import { foresee } from '../preflight/foreseen.ts'
import { examine, type Preparing } from '../preflight/prepare.ts'
import type { PlayContext } from '../run/play-context.ts'
import { playTitle } from '../run/play-title.ts'
import type { Session } from '../run/session.ts'
import { WireConnections } from '../run/wire-connections.ts'
import { runOptions } from './run-options.ts'
import type { RunWords } from './run-words.ts'

export interface ExplainWords extends RunWords {
  readonly host?: string
  readonly playbook?: string[]
  readonly task?: string
}

/** Hosts of a play for which a variable is the same. */
interface Told extends Omit<Explanation, 'key' | 'host'> {
  readonly play?: string
  readonly playPlace?: string
  readonly hosts: readonly string[]
}

/** `tsplay explain VAR`. Exit status 1 where nothing sets it, or its value cannot be made. */
export async function explainVariable(variable: string, words: ExplainWords): Promise<number> {
  if (words.output !== undefined && !['terminal', 'text', 'json'].includes(words.output))
    throw new Problem('usage', `There is no output "${words.output}".`, { hint: 'There are text and json.' })
  const session = await read(words)
  const path = pathOf(variable)
  const told: Told[] = []
  const nowhere: Problem[] = []
  for (const context of session.contexts) {
    const only = words.task === undefined ? undefined : taskNamed(context, words.task)
    if (words.task !== undefined && !only) continue
    const groups = new Map<string, Explanation & { hosts: string[] }>()
    for (const state of context.hosts) {
      if (words.host !== undefined && state.name !== words.host) continue
      try {
        await learnSecrets(context, state)
        const explained = explain(context, state, path, only)
        const known = groups.get(explained.key)
        if (known) known.hosts.push(state.name)
        else groups.set(explained.key, { ...explained, hosts: [state.name] })
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.code !== 'undefined-variable') throw thrown
        nowhere.push(thrown)
      }
    }
    for (const { key: _, host: __, ...group } of groups.values()) told.push({ ...group, ...playOf(context, words) })
  }
  if (told.length === 0) throw nothing(session, words, nowhere)
  const text =
    words.output === 'json'
      ? json(variable, told)
      : alike(told)
          .map((same) => section(variable, same))
          .join('\n')
  process.stdout.write(text)
  const problems = told.map((one) => one.problem).filter((one) => one !== undefined)
  if (problems.length > 0) throw new Problems(problems)
  return 0
}

/** Inventory and playbooks; without a playbook, a play in which nothing stands. */
async function read(words: ExplainWords): Promise<Session> {
  const masker = new Masker()
  const options = await runOptions(words.playbook ?? [], words, masker)
  const preparing: Preparing = { options, masker, connections: new WireConnections(options), emit: () => undefined }
  const hosts = JSON.stringify(words.host ?? 'all')
  const bare = parseYaml(new Source('explain', `{hosts: ${hosts}, gather_facts: false}`)).documents
  const plays: Preparing['plays'] = (reading) => readItems(reading, bare, 'explain', process.cwd())
  const { session, problems } = await examine(options.playbooks.length > 0 ? preparing : { ...preparing, plays })
  if (words.host !== undefined && !session.inventory.host(words.host))
    throw new Problem('unknown-group', `There is no host "${words.host}".`, {
      hint: didYouMean(words.host, session.inventory.hosts.keys()) ?? 'See them all with: tsplay inventory --graph',
    })
  const broken = problems.filter((problem) =>
    ['yaml-syntax', 'file-missing', 'unknown-role', 'shape', 'inventory', 'unknown-group'].includes(problem.code),
  )
  if (broken.length > 0) throw new Problems(broken)
  return session
}

function taskNamed(context: PlayContext, name: string): Task | undefined {
  return foresee(context).tasks.find((task) => entryName(task) === name)
}

function playOf(context: PlayContext, words: ExplainWords): { play?: string; playPlace?: string } {
  if (!words.playbook?.length) return {}
  return { play: playTitle(context.play), playPlace: place(context.play.span) }
}

function nothing(session: Session, words: ExplainWords, nowhere: readonly Problem[]): Problem {
  const [first] = nowhere
  if (first)
    return new Problem(
      first.code,
      words.host === undefined ? first.message.replace(/ for \S+\.$/, ' for any host.') : first.message,
      { hint: first.hint },
    )
  if (words.task !== undefined) {
    const names = session.contexts.flatMap((context) => foresee(context).tasks.map(entryName))
    return new Problem('usage', `No task is called "${words.task}".`, { hint: didYouMean(words.task, names) })
  }
  return new Problem('usage', `No play of ${words.playbook?.join(', ')} is for ${words.host ?? 'any host'}.`, {
    hint: 'Leave out -p to see what the inventory says.',
  })
}

function json(variable: string, told: readonly Told[]): string {
  const plays = told.map(({ problem, ...one }) => ({
    ...one,
    ...(problem
      ? { problem: { code: problem.code, message: problem.message, places: problem.spans.map((span) => place(span)) } }
      : {}),
  }))
  return `${JSON.stringify({ variable, plays }, null, 2)}\n`
}

/** Plays in which it is the same, together. */
function alike(told: readonly Told[]): [Told, ...Told[]][] {
  const groups = new Map<string, [Told, ...Told[]]>()
  for (const one of told) {
    const key = JSON.stringify([one.hosts, one.definitions, one.problem?.message])
    const known = groups.get(key)
    if (known) known.push(one)
    else groups.set(key, [one])
  }
  return [...groups.values()]
}

/** One play with those that are like it, or the inventory alone, for people. */
function section(variable: string, [told, ...more]: readonly [Told, ...Told[]]): string {
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  const where = told.play === undefined ? '' : `, in the play "${told.play}" (${told.playPlace})${others}`
  const [winner] = told.definitions
  const lines = [`${variable} on ${told.hosts.join(', ')}${where}`]
  if (winner && 'value' in winner)
    lines.push(`  value: ${inline(winner.value)} (${winner.secret ? 'secret' : winner.type})`)
  else if (told.problem) lines.push('  value: none, see below')
  else lines.push('  value: known when it runs')
  if (winner?.written !== undefined && inline(winner.written) !== inline(winner.value))
    lines.push(`  written: ${inline(winner.written)}`)
  const elsewhere = winner?.holds === 'always' ? undefined : told.definitions.find((one) => one.holds === 'always')
  const rows = told.definitions.map((one) => [
    one === winner ? 'wins' : one === elsewhere ? 'else' : '',
    one.rank,
    one.place ?? one.layer,
    one.written === undefined ? '' : inline(one.written),
    remark(one),
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  lines.push(
    '',
    ...rows.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd()),
  )
  return `${lines.join('\n')}\n`
}

const LONGEST = 60

function inline(value: unknown): string {
  if (value === undefined) return ''
  if (value === '********') return value
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function remark({ holds, layer, tasks = [] }: Explained): string {
  const [first, ...more] = tasks
  if (holds === 'always' || first === undefined) return layer
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  const by = `"${first.name}" (${first.place})${others}`
  if (holds === 'tasks') return `${layer}: only in ${by}`
  return `set while running by ${layer === first.name ? '' : `${layer} of `}${by}`
}
