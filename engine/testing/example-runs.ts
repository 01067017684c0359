import type { Event } from '../base/event.ts'
import { asProblems, type Problem } from '../base/problem.ts'
import type { Change, Result, Status } from '../base/result.ts'
import type { Example } from '../module/definition.ts'

/** A task of an example, on one host. */
export interface TaskEnd {
  readonly host: string
  readonly status: Status
  readonly changes: readonly Change[]
  /** What was done, or would be, a line each. */
  readonly steps: readonly string[]
  /** The code of the problem, of a task that failed. */
  readonly code?: string
  /** What a command printed. */
  readonly stdout?: string
  /** Why a dry run could not say. */
  readonly mayChange?: string
}

/** What playing tasks came to. */
export interface Ran {
  readonly exit: number
  readonly ends: readonly TaskEnd[]
  readonly statuses: readonly Status[]
  /** What went wrong, for people. */
  readonly wrong: string
}

/** How tasks are played: as a playbook of their own, for all hosts. */
export type PlayTasks = (tasks: string, how: How) => Promise<Ran>

export interface How {
  readonly check?: boolean
  readonly verify?: boolean
  /** Called each time when something begins to be done on a host. */
  readonly doing?: () => void
}

export interface ExampleRuns {
  readonly given?: Ran
  readonly checked: Ran
  readonly first: Ran
  readonly second: Ran
}

/** A dry run of an example, and two real ones that are held to their predictions. */
export async function runExample(
  { given, yaml }: Example,
  play: PlayTasks,
  /** Called before the dry run and after it: what it left behind. */
  look: () => Promise<void> = async () => {},
): Promise<ExampleRuns> {
  const prepared = given === undefined ? undefined : await play(given, {})
  await look()
  const checked = await play(yaml, { check: true })
  await look()
  const first = await play(yaml, { verify: true })
  const second = await play(yaml, { verify: true })
  return { ...(prepared ? { given: prepared } : {}), checked, first, second }
}

/** A playbook of these tasks, for all hosts. */
export function bookOf(tasks: string): string {
  const indented = tasks
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')
  return `- hosts: all\n  tasks:\n${indented}\n`
}

/** What a run told, and what it ended with; `thrown` is what kept it from running. */
export function ranFrom(events: readonly Event[], exit: number, thrown?: unknown): Ran {
  const results = events.filter((event) => event.event === 'result')
  const wrong = results
    .filter((result) => ['failed', 'unreachable'].includes(result.status))
    .map(({ action, problem, result }) => `${action}: ${sentence(problem, result)}`)
  if (thrown !== undefined) wrong.push(...asProblems(thrown).map((problem) => sentence(problem)))
  const ends = results.map(({ host, status, result, steps, problem }) => ({
    host,
    status,
    changes: [result, ...(result.results ?? [])].flatMap((one) => one.diff ?? []),
    steps: steps ?? [],
    ...(problem === undefined ? {} : { code: problem.code }),
    ...(result.stdout === undefined ? {} : { stdout: result.stdout }),
    ...(result.may_change === undefined ? {} : { mayChange: result.may_change }),
  }))
  return { exit, ends, statuses: ends.map((end) => end.status), wrong: wrong.join('\n') }
}

/** A problem in one text: runners of specs show the message only. */
export function withHint({ message, hint }: Problem): string {
  return hint === undefined ? message : `${message.replace(/[.]?$/, '.')} ${hint}`
}

function sentence(problem: Problem | undefined, result?: Result): string {
  if (problem) return withHint(problem)
  const { msg, stderr } = result ?? {}
  return msg === undefined ? JSON.stringify(result) : stderr ? `${msg}: ${stderr}` : msg
}

/** What a dry run said of a task and what then came: the same, or "may change" of a command that ran. */
export function foretold(opaque: boolean, said: Status, came: Status | undefined): boolean {
  return said === came || (opaque && said === 'may_change' && came === 'changed')
}
