import type { Event, Reporter } from '../base/event.ts'
import type { Problem } from '../base/problem.ts'
import { openChange } from '../base/result.ts'
import { Output, type Stream } from './output.ts'
import { plainData } from './plain-data.ts'

/** One JSON object a line for every event but those for live display: for programs that read along. */
export class JsonLinesReporter implements Reporter {
  readonly #output: Output

  constructor(stream: Stream = process.stdout) {
    this.#output = new Output(stream)
  }

  on(event: Event): void {
    if (event.event === 'host_start' || event.event === 'progress' || event.event === 'span') return
    this.#output.write(`${JSON.stringify(plainData(record(event)))}\n`)
  }

  end(): Promise<void> {
    return this.#output.end()
  }
}

/** The event as it is printed: differences beside the result, problems as data, secret values left out. */
function record(event: Event): Record<string, unknown> {
  if (!('result' in event)) return event
  const { result, ...rest } = event
  const { diff, ...values } = result
  const shown: Record<string, unknown> = {
    ...rest,
    ...(diff ? { diff: diff.map(openChange) } : {}),
    result: withoutSecrets(values),
  }
  if ('problem' in event && event.problem) shown.problem = problemRecord(event.problem)
  return shown
}

/** The items of a loop carry differences of their own. */
function withoutSecrets(result: Record<string, unknown>): Record<string, unknown> {
  if (!Array.isArray(result.results)) return result
  const results = result.results.map((item) =>
    Array.isArray(item?.diff) ? { ...item, diff: item.diff.map(openChange) } : item,
  )
  return { ...result, results }
}

export interface ProblemRecord {
  readonly code: string
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly hint?: string
  readonly host?: string
}

export function problemRecord(problem: Problem): ProblemRecord {
  const [span] = problem.spans
  return {
    code: problem.code,
    message: problem.message,
    ...(span ? { file: span.source.file, ...span.source.position(span.start) } : {}),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.host === undefined ? {} : { host: problem.host }),
  }
}
