import { notAllowed } from './allowed.ts'
import { Arena, type Stage } from './arena.ts'
import { type Case, readCases } from './case.ts'
import { coverage, coverageText } from './coverage.ts'
import { factsOfLabHost, factsOfLightHost } from './facts.ts'
import { difference, play } from './match.ts'
import type { Outcome } from './outcome.ts'
import { digestOf, record, recorded } from './record.ts'
import { SystemdArena } from './systemd-arena.ts'

/**
 * `npm run referee -- PATTERN…`: plays cases with ansible and with tsplay on equal hosts, shows how they differ, from each other
 * and from what is recorded. `--record` records what ansible did
 * (and what tsplay did where it may differ), `--missing` takes only cases that are not recorded as they are
 * now, `-v` shows all that both printed. Without a pattern facts are compared too, and it is counted what the cases use.
 */
const words = process.argv.slice(2)
const options = new Set(words.filter((word) => word.startsWith('-')))
const patterns = words.filter((word) => !word.startsWith('-'))
const cases = readCases(patterns).filter((one) => !options.has('--missing') || recorded(one) === undefined)
const all = readCases().map((one) => one.id)
const wrong: string[] = []

/** Plays one case by both, says how it went. */
async function judge(arena: Stage, one: Case): Promise<void> {
  const started = Date.now()
  const ansible = await play(arena, one, 'ansible')
  if (options.has('--record') && one.differs === undefined) {
    record(new Map([[one.id, { digest: digestOf(one), ansible: ansible.outcome }]]), all)
    process.stdout.write(`recorded ${one.id}: ${one.title}\n`)
    return
  }
  const tsplay = await play(arena, one, 'tsplay')
  const differs = difference(ansible.outcome, tsplay.outcome)
  const { differs: allowed, status } = one
  const lines: string[] = []
  if (differs !== '' && allowed === undefined) lines.push('- ansible', '+ tsplay', differs)
  if (differs === '' && allowed !== undefined) lines.push(`it says that it differs (${allowed}), and does not`)
  const forbidden = notAllowed(one)
  if (forbidden) lines.push(forbidden)
  if (status !== undefined && status !== ansible.outcome.status)
    lines.push(`it says status ${status}, ansible's is ${ansible.outcome.status}`)
  // Who did not get as far as a recap has said why.
  for (const { outcome, shown } of [ansible, tsplay])
    if (lines.length > 0 && outcome.recap.length === 0) lines.push(shown)
  if (!options.has('--record')) lines.push(...againstRecord(one, ansible.outcome))
  if (options.has('--record'))
    record(new Map([[one.id, { digest: digestOf(one), ansible: ansible.outcome, tsplay: tsplay.outcome }]]), all)
  if (lines.length > 0) wrong.push(one.id)
  const mark = lines.length > 0 ? 'WRONG ' : allowed === undefined ? 'equal ' : 'apart '
  process.stdout.write(`${mark} ${one.id}: ${one.title} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
  if (options.has('-v')) lines.push(ansible.shown, tsplay.shown)
  if (lines.length > 0) process.stdout.write(`${indented(lines.join('\n'))}\n`)
}

function againstRecord(one: Case, now: Outcome): string[] {
  const entry = recorded(one)
  if (!entry) return patterns.length > 0 ? [] : ['not recorded: npm run referee -- --record']
  const differs = difference(entry.ansible, now)
  return differs === '' ? [] : ['- ansible as recorded', '+ ansible now', differs]
}

async function work(waiting: Case[], Place: typeof Arena | typeof SystemdArena): Promise<void> {
  if (waiting.length === 0) return
  const arena = await Place.open((text) => process.stderr.write(`${text}\n`))
  try {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await judge(arena, one)
  } finally {
    await arena.close()
  }
}

const indented = (text: string) => text.trim().replace(/^/gm, '    ')

const waiting = cases.filter(({ ground }) => ground !== 'systemd')
const withSystemd = cases.filter(({ ground }) => ground === 'systemd')
// Its folders go with it; the hosts do anyway.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
await Promise.all([work(waiting, Arena), work(waiting, Arena)])
await work(withSystemd, SystemdArena)
if (patterns.length === 0 && options.size === 0) {
  for (const compare of [factsOfLightHost, factsOfLabHost]) {
    const { host, facts, wrong: apart } = await compare((text) => process.stderr.write(`${text}\n`))
    process.stdout.write(`${facts} facts of ${host} (${compare.name}): ${apart.length} differ\n`)
    if (apart.length > 0) process.stdout.write(`${indented(apart.join('\n'))}\n`)
    if (apart.length > 0) wrong.push(compare.name)
  }
  process.stdout.write(coverageText(coverage(cases)))
}
const summary = wrong.length > 0 ? `: ${wrong.sort().join(' ')}` : ''
process.stdout.write(`${cases.length} cases, ${wrong.length} wrong${summary}\n`)
process.exitCode = wrong.length > 0 || all.length === 0 ? 1 : 0
