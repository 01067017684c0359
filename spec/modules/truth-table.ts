import { properties, type Trial } from '../../engine/testing/trial.ts'
import { states } from '../../engine/testing/trials.ts'
import type { Judged } from './truth-exceptions.ts'
import type { Tried } from './truth-on-host.ts'

const LEGEND = `A row is an example, a column the state that its host is in. The letters: the dry run changes nothing (c), foretells
every task and difference (f), names every file that changes (n); then there is nothing to do (s), and what a look sees was
predicted (v). In place of a letter: - is not kept, * is an exception with a reason. refused: it failed, as the dry run had
said; failed: it failed, said what is wrong, and had not been foretold. A dot: there is no such state.
`

/** Every example in every state. */
export function table(tried: readonly Tried[], { misses }: Judged): string {
  const rows = tried.map(({ module, title, trials }) => [
    label(module, title, tried),
    ...states.map((state) => {
      const trial = trials.find((one) => one.state === state)
      const missed = misses.filter((miss) => miss.trial === trial).map(({ property }) => property)
      return trial ? cell(trial, missed) : '.'
    }),
  ])
  const head = ['', ...states]
  const widths = head.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]!.length)) + 1)
  const line = (cells: readonly string[]) =>
    cells
      .map((one, index) => one.padEnd(widths[index]!))
      .join(' ')
      .trimEnd()
  return `${LEGEND}\n${[head, ...rows].map(line).join('\n')}\n`
}

function cell(trial: Trial, missed: readonly string[]): string {
  const letters = properties.map((property) => {
    if (missed.includes(property)) return '-'
    return property in trial.broken ? '*' : property[0]!
  })
  if (trial.end === 'done') return letters.join('')
  const marks = letters.filter((letter) => letter === '-' || letter === '*')
  return `${trial.end}${marks.length > 0 ? ` ${letters.join('')}` : ''}`
}

/** A module's name, with a number where it has several examples. */
function label(module: string, title: string, tried: readonly Tried[]): string {
  const all = tried.filter((one) => one.module === module)
  return all.length < 2 ? module : `${module} ${all.findIndex((one) => one.title === title) + 1}`
}

/** What is wrong, in full. */
export function complaints(tried: readonly Tried[], { misses }: Judged): string {
  const texts = misses.map(
    ({ module, title, trial: { state, on }, property, lines }) =>
      `${module}: ${title}\n  ${state}${on === undefined ? '' : ` (${on})`}: not ${property}\n${lines.map((line) => `    ${line}\n`).join('')}`,
  )
  const troubles = tried.flatMap(({ module, title, trouble }) =>
    trouble === undefined ? [] : [`${module}: ${title}\n  could not be tried out: ${trouble}\n`],
  )
  return [...troubles, ...texts].join('\n')
}
