import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

/** An inventory, and what to ask of it. */
export interface Sample {
  readonly title: string
  readonly files: Readonly<Record<string, string>>
  readonly sources?: readonly string[]
  /** Groups to draw, beside `all`. */
  readonly roots?: readonly string[]
  readonly playbookDir?: string
  readonly extra?: readonly string[]
}

/** What is said of it: texts of the graphs, data of the listings. */
export type Told = Readonly<Record<string, unknown>>

const here = new URL('.', import.meta.url).pathname

export const samples = parse(readFileSync(join(here, 'samples.yml'), 'utf8')) as readonly Sample[]

/** By title; made by ansible-inventory (core 2.14). */
export const recordFile = join(here, 'samples.recorded.json')

export const recorded = (): Readonly<Record<string, Told>> => JSON.parse(readFileSync(recordFile, 'utf8'))

/** The words that are asked, for both programs the same. */
export function questions(sample: Sample): string[][] {
  const graphs = (sample.roots ?? []).map((root) => ['--graph', root])
  return [
    ['--graph'],
    ...graphs,
    // What is sealed is opened there, and stays shut here.
    ...(JSON.stringify(sample).includes('!vault')
      ? []
      : [
          ['--graph', '--vars'],
          ['--graph', '--vars', '--export'],
        ]),
    ['--list'],
    ['--list', '--export'],
    ['--list', '--yaml'],
    ['--list', '--yaml', '--export'],
  ]
}

/** Asks ansible-inventory all questions of all samples. */
export function askAnsible(): Readonly<Record<string, Told>> {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-sample-'))
  try {
    const asked = samples.flatMap((sample, index) => {
      const cwd = join(folder, String(index))
      writeSample(sample, cwd)
      return questions(sample).map((question) => ({ sample, question, cwd, words: [...wordsOf(sample), ...question] }))
    })
    const ran = spawnSync('/usr/bin/python3', [join(here, 'ansible-inventory.py')], {
      encoding: 'utf8',
      env: { ...process.env, ANSIBLE_NOCOLOR: '1' },
      input: JSON.stringify(asked.map(({ cwd, words }) => ({ cwd, words }))),
      maxBuffer: 1 << 26,
    })
    const answers = JSON.parse(ran.stdout) as { status: number; stdout: string }[]
    const told: Record<string, Record<string, unknown>> = {}
    for (const [index, { sample, question, cwd, words }] of asked.entries()) {
      const { status, stdout } = answers[index]!
      if (status !== 0) throw new Error(`ansible-inventory ${words.join(' ')}: ${status}\n${stdout}\n${ran.stderr}`)
      told[sample.title] = { ...told[sample.title], [question.join(' ')]: read(question, stdout.replaceAll(cwd, '.')) }
    }
    return told
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Writes its files; programs may be run. */
export function writeSample(sample: Sample, folder: string): void {
  for (const [name, text] of Object.entries(sample.files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
}

export function wordsOf(sample: Sample): string[] {
  const sources = sample.sources ?? [Object.keys(sample.files)[0]!]
  return [
    ...sources.flatMap((source) => ['-i', source]),
    ...(sample.playbookDir === undefined ? [] : ['--playbook-dir', sample.playbookDir]),
    ...(sample.extra ?? []).flatMap((extra) => ['-e', extra]),
  ]
}

export function read(question: readonly string[], text: string): unknown {
  if (question.includes('--graph')) return text.trimEnd()
  if (!question.includes('--yaml')) return JSON.parse(text)
  const vault = { tag: '!vault', resolve: (sealed: string) => ({ '!vault': sealed.trim() }) }
  // Ansible leaves out that a text is unsafe.
  const unsafe = { tag: '!unsafe', resolve: (safe: string) => safe }
  return JSON.parse(JSON.stringify(parse(text, { customTags: [vault, unsafe] })))
}
