import type { Event, Reporter } from '../base/event.ts'
import { Problem, Problems } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import { examine, type Preparing, prepare } from '../preflight/prepare.ts'
import { JsonLinesReporter } from '../report/json-lines.ts'
import { Profile } from '../report/profile.ts'
import { type TerminalReporter, terminalReporter } from '../report/terminal.ts'
import type { RunOptions } from '../run/options.ts'
import { run } from '../run/run.ts'
import type { Session } from '../run/session.ts'
import { TimedConnections } from '../run/timed-connections.ts'
import { WireConnections } from '../run/wire-connections.ts'
import { fitHeap } from './heap.ts'
import { listing } from './listings.ts'
import { listenForStretches, tellProfile } from './profile.ts'
import { runOptions } from './run-options.ts'
import type { RunWords } from './run-words.ts'

/** `tsplay run` and `tsplay check`. */
export async function runPlaybooks(playbooks: readonly string[], words: RunWords): Promise<number> {
  return withSession(playbooks, words)
}

/** What commands that are more than `run` add to it. */
export interface RunExtras extends Pick<RunOptions, 'approve' | 'vault'> {
  /** Plays that the command makes itself. */
  readonly plays?: Preparing['plays']
  /** Hears all that happens, beside the report for people. */
  readonly recorder?: Reporter
  /** Is given the session before it runs. */
  readonly prepared?: (session: Session) => void
}

/** Prepares a session, lists or runs it. */
export async function withSession(
  playbooks: readonly string[],
  words: RunWords,
  extras: RunExtras = {},
): Promise<number> {
  const masker = new Masker()
  const given = await runOptions(playbooks, words, masker, extras.vault)
  // A question has the terminal to itself.
  const ask: RunOptions['ask'] = async (question, how) => {
    const resume = reporter && 'suspend' in reporter ? (reporter as TerminalReporter).suspend() : undefined
    try {
      return await given.ask!(question, how)
    } finally {
      resume?.()
    }
  }
  const options: RunOptions = { ...given, ...(given.ask ? { ask } : {}), approve: extras.approve }
  const connections = new WireConnections(options)
  const lists = words.listHosts || words.listTasks || words.listTags
  const early: Event[] = []
  let reporter: Reporter | undefined
  const profile = options.profile ? new Profile() : undefined
  const emit = (event: Event) => {
    extras.recorder?.on(event)
    profile?.on(event)
    if (reporter) reporter.on(event)
    else early.push(event)
  }
  const preparing: Preparing = {
    options,
    masker,
    connections: profile ? new TimedConnections(connections, emit) : connections,
    emit,
    ...(extras.plays ? { plays: extras.plays } : {}),
  }
  if (lists) {
    const { session, problems } = await examine(preparing)
    const broken = problems.filter((problem) =>
      ['yaml-syntax', 'file-missing', 'unknown-role', 'shape', 'inventory', 'unknown-group'].includes(problem.code),
    )
    if (broken.length > 0) throw new Problems(broken)
    const { listHosts: hosts = false, listTasks: tasks = false, listTags: tags = false } = words
    process.stdout.write(listing(session, { hosts, tasks, tags }))
    return 0
  }
  const session = await prepare(preparing)
  extras.prepared?.(session)
  fitHeap(new Set(session.contexts.flatMap(({ hosts }) => hosts)).size)
  reporter = reporterFor(words, options.verbosity)
  for (const event of early) reporter.on(event)
  const release = interruptible(session, connections)
  const delays = profile && listenForStretches()
  let exit: number
  try {
    exit = await run(session)
  } finally {
    release()
    await reporter.end()
    await connections.close()
  }
  if (profile && delays) tellProfile(profile, delays, words)
  return exit
}

function reporterFor(words: RunWords, verbosity: number): Reporter {
  if (words.output === 'jsonl') return new JsonLinesReporter(process.stdout)
  if (words.output !== undefined && words.output !== 'terminal')
    throw new Problem('usage', `There is no output "${words.output}".`, { hint: 'There are terminal and jsonl.' })
  return terminalReporter({ stream: process.stdout, env: process.env, verbosity })
}

/** The first Ctrl-C lets running steps end and begins nothing new; the second abandons them. */
function interruptible(session: Session, connections: WireConnections): () => void {
  const onSignal = () => {
    if (!session.interrupted) {
      session.interrupted = true
      session.waiting.abort()
      session.stopped = [...session.working].map(([host, task]) => `${host}: ${task}`)
      session.emit({
        event: 'warning',
        message: 'Interrupted: waiting for running steps to end. Press Ctrl-C again to abandon them.',
      })
      return
    }
    session.abandon.abort()
    connections.abandon()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
