import { Problem } from '../base/problem.ts'
import { didYouMean } from '../base/suggest.ts'
import { readPlan } from '../plan/saved-plan.ts'
import { JsonLinesReporter } from '../report/json-lines.ts'
import { colourLevel } from '../report/palette.ts'
import { planLines } from '../report/plan-lines.ts'

export interface ShowWords {
  readonly host?: string
  readonly verbose: number
  readonly output: string
}

/** `tsplay show`: what a plan would do, equal hosts together. */
export async function showPlan(path: string, words: ShowWords): Promise<number> {
  const plan = readPlan(path)
  const names = plan.events.flatMap((event) => (event.event === 'recap' ? Object.keys(event.hosts) : []))
  if (words.host !== undefined && !names.includes(words.host))
    throw new Problem('usage', `The plan has no host ${words.host}.`, {
      hint: didYouMean(words.host, names) ?? `It has: ${names.join(', ')}.`,
    })
  if (words.output === 'jsonl') {
    const reporter = new JsonLinesReporter(process.stdout)
    for (const event of plan.events) reporter.on(event)
    await reporter.end()
    return 0
  }
  if (words.output !== 'terminal')
    throw new Problem('usage', `There is no output "${words.output}".`, { hint: 'There are terminal and jsonl.' })
  const lines = planLines(plan.events, {
    colour: colourLevel(process.stdout, process.env) > 0,
    verbosity: Math.min(3, words.verbose) as 0 | 1 | 2 | 3,
    displaySkipped: true,
    host: words.host,
  })
  const made = `${plan.made.slice(0, 19).replace('T', ' ')} UTC`
  process.stdout.write(`Planned ${made} in ${plan.folder}: ${plan.playbooks.join(' ')}\n${lines.join('\n')}\n`)
  return 0
}
