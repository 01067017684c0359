import { asProblem, type Problem } from '../base/problem.ts'
import { place, type Span } from '../base/span.ts'
import { type Palette, palette } from './palette.ts'
import { excerpt } from './source-excerpt.ts'
import { harmless } from './text-width.ts'

export interface ProblemTextOptions {
  readonly colour?: boolean | undefined
  /** Cells of a line of source at most. Default: 120. */
  readonly width?: number | undefined
  /** Without the line that names code and message, where the caller has said the message already. */
  readonly headless?: boolean | undefined
  /** Without the host, where the caller has named it. */
  readonly hostless?: boolean | undefined
}

/** A problem for people: what, where (the source line, a caret below it), why, and what to do. No stack traces. */
export function formatProblem(problem: Problem, options: ProblemTextOptions = {}): string {
  const paint = palette(options.colour ?? false)
  const digits = String(Math.max(1, ...problem.spans.map(lastLine))).length
  const lines: string[] = []
  const [first = '', ...more] = harmless(problem.message).split('\n')
  if (!options.headless) {
    lines.push(`${paint.error(`error[${problem.code}]:`)} ${paint.strong(first)}`, ...more.map((line) => `  ${line}`))
  }
  for (const [index, span] of problem.spans.entries()) {
    if (index > 0) lines.push(`${paint.strong('note:')} see also`)
    lines.push(...located(span, digits, paint, options.width ?? 120))
  }
  const remark = (word: string, text: string) => {
    const [head = '', ...rest] = harmless(text).split('\n')
    const margin = ' '.repeat(digits + 1)
    lines.push(
      `${margin}${paint.gutter('=')} ${paint.help(`${word}:`)} ${head}`,
      ...rest.map((line) => `${margin}  ${' '.repeat(word.length + 2)}${line}`),
    )
  }
  if (problem.host !== undefined && !options.hostless) remark('host', problem.host)
  for (const cause of causes(problem)) remark('because', cause)
  if (problem.hint !== undefined) remark('help', problem.hint)
  else if (problem.code === 'internal')
    remark('help', 'this is a mistake of tsplay itself: please report it, with the command and this text')
  return lines.join('\n')
}

/** Several problems, each once, and how many there are. */
export function formatProblems(problems: readonly Problem[], options: ProblemTextOptions = {}): string {
  const paint = palette(options.colour ?? false)
  const texts = [...new Set(problems.map((problem) => formatProblem(problem, options)))]
  const count = paint.error(texts.length === 1 ? '1 problem' : `${texts.length} problems`)
  return [...texts, count].join('\n\n')
}

function located(span: Span, digits: number, paint: Palette, width: number): string[] {
  const arrow = `${' '.repeat(digits)}${paint.gutter('-->')} `
  // A name only, such as `-e`: there is no text to show.
  if (span.source.text === '') return [`${arrow}${span.source.file}`]
  return [`${arrow}${place(span)}`, ...excerpt(span, digits, paint, width)]
}

function lastLine(span: Span): number {
  return span.source.position(Math.max(span.start, span.end - 1)).line
}

const deepest = 6

/** Why, and why that, in words; what only repeats the line above is left out. */
function causes(problem: Problem): string[] {
  const words: string[] = []
  let told = problem.message
  let cause = problem.cause
  for (let depth = 0; cause !== undefined && cause !== null && depth < deepest; depth++) {
    const text = inWords(cause)
    if (text !== '' && !told.includes(text)) words.push(text)
    told = `${told}\n${text}`
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return words
}

function inWords(cause: unknown): string {
  if (typeof cause === 'string') return cause
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(inWords).join('; ')
  // `ENOENT: no such file or directory, open 'x'`: the words say it without the code.
  if (cause instanceof Error) return cause.message.replace(/^E[A-Z]+: /, '')
  return asProblem(JSON.stringify(cause) ?? String(cause)).message
}
