import { asProblem, Problem } from '../base/problem.ts'
import type { Result } from '../base/result.ts'
import { type JobState, lookAtJob, parseJob, removeJob, startJob } from '../state/background-job.ts'
import { opaqueResult } from '../state/opaque.ts'
import type { Step } from '../state/step.ts'
import type { Reply } from '../wire/connection.ts'
import { quote } from '../wire/quote.ts'
import { type Executor, scriptsOf, succeeded } from './execute.ts'
import type { Circumstances } from './life-cycle.ts'

/** A task that is done by a job of its own on the host. */
export interface Background {
  readonly id: string
  /** The host ends the job after so many seconds. */
  readonly seconds: number
  /** Seconds between looks; 0: nobody waits for it. */
  readonly poll: number
  /** Milliseconds. */
  sleep(milliseconds: number): Promise<void>
  /** Forgets connections that are lost. */
  reconnect(): Promise<void>
}

/** What is known when a job starts: enough to say later what it came to, whoever asks. */
interface Base {
  readonly result: Result
  readonly shows: readonly string[]
  /** The job is a command, and its output is the result. */
  readonly opaque?: { readonly strip: boolean }
}

/** Starts a task's steps as a job. Gives Ansible's result of a task that goes on. */
export async function launch(
  steps: readonly Step[],
  result: Result,
  params: unknown,
  circumstances: Circumstances & { background: Background },
): Promise<Result> {
  const { background, memory } = circumstances
  if (steps.some((step) => step.receive)) throw new Problem('task-failed', 'async is not supported for this task.')
  const connection = await circumstances.connection()
  const executor: Executor = { ...circumstances, connection }
  const base: Base = {
    result,
    shows: steps.map((step) => step.show),
    ...(steps.some((step) => step.opaque)
      ? { opaque: { strip: (params as { strip_empty_ends?: boolean }).strip_empty_ends !== false } }
      : {}),
  }
  const job = {
    id: background.id,
    seconds: background.seconds,
    scripts: await scriptsOf(steps, executor),
    base: JSON.stringify(base),
  }
  memory.jobs.add(background.id)
  const script = within(startJob(job), circumstances)
  const [reply] = await connection.run([{ script }], { as: circumstances.as, signal: circumstances.signal })
  memory.forgetEverything()
  if (reply!.status !== 0)
    throw new Problem('step-failed', `The job could not be started: ${reply!.stderr.toString('utf8').trim()}`, {
      hint: 'The user needs a home folder on the host that it may write to.',
    })
  return {
    changed: true,
    failed: false,
    started: 1,
    finished: 0,
    ansible_job_id: background.id,
    results_file: reply!.stdout.toString('utf8'),
  }
}

/**
 * Waits for a job, however often the connection is lost in between, and takes its folder away. Throws host-unreachable
 * when the host stays away longer than the job may take.
 */
export async function awaitJob(
  steps: readonly Step[],
  circumstances: Circumstances & { background: Background },
): Promise<{ replies: Reply[] } | { expired: JobState }> {
  const { background } = circumstances
  const ask = async (script: string) => {
    const connection = await circumstances.connection()
    return (
      await connection.run([{ script: within(script, circumstances) }], {
        as: circumstances.as,
        signal: circumstances.signal,
      })
    )[0]!
  }
  const deadline = performance.now() + background.seconds * 1000 + 2000
  for (;;) {
    let job: JobState
    try {
      job = parseJob(await ask(lookAtJob(background.id, Math.max(1, background.poll))))
    } catch (thrown) {
      const problem = asProblem(thrown)
      if (problem.code !== 'host-unreachable' || performance.now() > deadline) throw thrown
      await background.reconnect()
      await background.sleep(Math.max(1, background.poll) * 1000)
      continue
    }
    if (job.state === 'running' && performance.now() < deadline) continue
    circumstances.memory.jobs.delete(background.id)
    circumstances.memory.forgetEverything()
    await ask(removeJob(background.id))
    if (job.state !== 'ended') return { expired: job }
    return { replies: steps.length === 0 ? [] : succeeded(steps, [...job.replies]) }
  }
}

/** In the task's environment, which may say where jobs are kept. */
function within(script: string, { environment }: Circumstances): string {
  return [...Object.entries(environment ?? {}).map(([name, value]) => `export ${name}=${quote(value)}`), script].join(
    '\n',
  )
}

/** What a job has come to, as its task would have told it. */
export function jobResult(id: string, job: JobState): Result {
  const known = { ansible_job_id: id, results_file: job.folder, started: 1 }
  switch (job.state) {
    case 'missing':
      return { changed: false, failed: true, ...known, finished: 1, msg: 'could not find job' }
    case 'running':
      return { changed: false, ...known, finished: 0 }
    case 'expired':
      return { changed: false, failed: true, ...known, finished: 1, msg: 'Timeout exceeded' }
    case 'lost':
      return {
        changed: false,
        failed: true,
        ...known,
        finished: 1,
        msg: 'The job ended without a result: it was killed, or the host went down.',
      }
    case 'ended':
      return { ...endedResult(job), ...known, finished: 1 }
  }
}

function endedResult(job: Extract<JobState, { state: 'ended' }>): Result {
  const base = JSON.parse(job.base) as Base
  const last = job.replies.at(-1)
  if (!last) return base.result
  if (base.opaque) {
    const { cmd } = base.result as { cmd?: string | string[] }
    const options = { stdin_add_newline: true, strip_empty_ends: base.opaque.strip }
    return { ...base.result, ...opaqueResult(cmd ?? '', last, options, job.began, job.ended) } as Result
  }
  if (last.status === 0) return base.result
  const words =
    last.stderr.toString('utf8').trim() || last.stdout.toString('utf8').trim() || `exit status ${last.status}`
  return {
    ...base.result,
    changed: false,
    failed: true,
    msg: `Could not ${base.shows[job.replies.length - 1]}: ${words}`,
  }
}
