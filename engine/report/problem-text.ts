import { asProblem, type Problem } from '../base/problem.ts'
import { place, type Span } from '../base/span.ts'
import { type Palette, palette } from './palette.ts'
import { excerpt } from './source-excerpt.ts'
import { harmless, textWidth } from './text-width.ts'

export interface ProblemTextOptions {
  readonly colour?: boolean | undefined
  /** Cells of a line at most. Default: 100. */
  readonly width?: number | undefined
  /** Without the line that names code and message, where the caller has said the message already. */
  readonly headless?: boolean | undefined
  /** Without the host, where the caller has named it. */
  readonly hostless?: boolean | undefined
  /** It stops nothing. */
  readonly asWarning?: boolean | undefined
  /** How many of several are shown. Default: 30. */
  readonly most?: number | undefined
}

/** A problem for people: what, where (the source line, a caret below it), why, and what to do. No stack traces. */
export function formatProblem(problem: Problem, options: ProblemTextOptions = {}): string {
  const paint = palette(options.colour ?? false)
  const width = options.width ?? 100
  const digits = String(Math.max(1, ...problem.spans.map(firstLine))).length
  const lines: string[] = []
  if (!options.headless) {
    const label = `${options.asWarning ? 'warning' : 'error'}[${problem.code}]:`
    const [first = '', ...more] = wrapped(`${label} ${sentence(harmless(problem.message))}`, width)
    lines.push(
      `${(options.asWarning ? paint.warning : paint.error)(label)} ${paint.strong(first.slice(label.length + 1))}`,
      ...more.map((line) => `  ${line}`),
    )
  }
  for (const [index, span] of problem.spans.entries()) {
    if (index > 0) lines.push(`${paint.strong('note:')} see also`)
    lines.push(...located(span, digits, paint, width))
  }
  const remark = (word: string, text: string) => {
    const margin = ' '.repeat(digits + 1)
    const [head = '', ...rest] = wrapped(harmless(text), width - margin.length - word.length - 4)
    lines.push(
      `${margin}${paint.gutter('=')} ${paint.help(`${word}:`)} ${head}`,
      ...rest.map((line) => `${margin}  ${' '.repeat(word.length + 2)}${line}`),
    )
  }
  if (problem.host !== undefined && !options.hostless) remark('host', problem.host)
  for (const cause of causes(problem)) remark('because', cause)
  if (problem.hint !== undefined) remark('help', capital(problem.hint))
  else if (problem.code === 'internal')
    remark('help', 'This is a mistake of tsplay itself: please report it, with the command and this text')
  return lines.join('\n')
}

/** Several problems, each once, those of a file in the order of its lines, and how many there are. */
export function formatProblems(problems: readonly Problem[], options: ProblemTextOptions = {}): string {
  const paint = palette(options.colour ?? false)
  const texts = [...new Set(inOrder(problems).map((problem) => formatProblem(problem, options)))]
  const noun = options.asWarning ? 'warning' : 'problem'
  const paintCount = options.asWarning ? paint.warning : paint.error
  const count = paintCount(texts.length === 1 ? `1 ${noun}` : `${texts.length} ${noun}s`)
  const most = options.most ?? 30
  const rest = texts.length > most ? [`… and ${texts.length - most} more`] : []
  return [...texts.slice(0, most), ...rest, count].join('\n\n')
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const fileOf = (problem: Problem) => problem.spans[0]?.source.file ?? ''
  const files = [...new Set(problems.map(fileOf))]
  return problems.toSorted(
    (a, b) =>
      files.indexOf(fileOf(a)) - files.indexOf(fileOf(b)) || (a.spans[0]?.start ?? 0) - (b.spans[0]?.start ?? 0),
  )
}

function located(span: Span, digits: number, paint: Palette, width: number): string[] {
  const arrow = `${' '.repeat(digits)}${paint.gutter('-->')} `
  // A name only, such as `-e`: there is no text to show.
  if (span.source.text === '') return [`${arrow}${span.source.file}`]
  return [`${arrow}${place(span)}`, ...excerpt(span, digits, paint, width)]
}

function firstLine(span: Span): number {
  return span.source.position(span.start).line
}

/** Begins with a capital, unless with a name, and ends with a stop: whoever wrote it, they all read alike. */
function sentence(text: string): string {
  return `${capital(text)}${/[^.!?:;,…\s]$/.test(text) && !text.includes('\n') ? '.' : ''}`
}

function capital(text: string): string {
  return /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** Its lines, those that are too long broken between words. */
function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let at = ''
    for (const word of line.split(/(?<=\S) (?=\S)/)) {
      if (at !== '' && textWidth(`${at} ${word}`) > width) {
        lines.push(at)
        at = word
      } else at = at === '' ? word : `${at} ${word}`
    }
    return [...lines, at]
  })
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
  // `connect ECONNREFUSED 127.0.0.1:22` says nothing that the message does not.
  if (cause instanceof Error && /^(?:connect|getaddrinfo|read|write) E[A-Z]+\b/.test(cause.message)) return ''
  // `ENOENT: no such file or directory, open 'x'`: the words say it without the code.
  if (cause instanceof Error) return cause.message.replace(/^E[A-Z]+: /, '')
  return asProblem(JSON.stringify(cause) ?? String(cause)).message
}
