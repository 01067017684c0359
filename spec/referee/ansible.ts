import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stage } from './arena.ts'
import type { Spelling } from './case.ts'
import { leftFiles } from './left-files.ts'
import {
  labelText,
  type Outcome,
  recapLines,
  type Saying,
  sayingLines,
  type Told,
  taskLines,
  valueText,
} from './outcome.ts'

const plugins = fileURLToPath(new URL('./plugins/', import.meta.url))

type Line =
  | { event: 'play'; strategy: string }
  | { event: 'task'; id: string; name: string; action: string }
  | {
      event: 'result' | 'item'
      id: string
      name: string
      host: string
      status: string
      label?: unknown
      said?: unknown
    }
  | { event: 'recap'; hosts: Record<string, Record<string, number>> }

/** Plays what is written in `folder` with ansible-playbook. `shown` is what it printed. */
export async function byAnsible(
  arena: Stage,
  folder: string,
  { words, byHost }: Spelling,
): Promise<{ outcome: Outcome; shown: string }> {
  const state = join(arena.home, `ansible-${process.hrtime.bigint()}`)
  mkdirSync(state)
  const events = join(state, 'events')
  writeFileSync(join(state, 'ansible.cfg'), '')
  const { status, shown } = await run(arena.words(['ansible-playbook', 'site.yml', ...words]), folder, {
    ...process.env,
    ...arena.environment,
    LC_ALL: 'C.UTF-8',
    TSPLAY_REFEREE_EVENTS: events,
    ANSIBLE_CALLBACK_PLUGINS: plugins,
    ANSIBLE_CALLBACKS_ENABLED: 'referee',
    ANSIBLE_CONFIG: join(state, 'ansible.cfg'),
    ANSIBLE_GATHERING: 'explicit',
    ANSIBLE_HOME: state,
    ANSIBLE_LOCAL_TEMP: join(state, 'tmp'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(state, 'cp'),
    ANSIBLE_PIPELINING: 'true',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_RETRY_FILES_ENABLED: 'false',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_DEPRECATION_WARNINGS: 'false',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    PYTHONDONTWRITEBYTECODE: '1',
  })
  return { outcome: { status, ...told(lines(events), byHost), files: { ...arena.files(), ...out(folder) } }, shown }
}

/** What a run left below out/, beside the playbook. */
export const out = (folder: string) => leftFiles(join(folder, 'out'), 'out', false)

function lines(file: string): Line[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
}

function told(lines: readonly Line[], byHost: boolean): Pick<Outcome, 'tasks' | 'says' | 'recap'> {
  // A task begins anew in each batch: its number is that of its latest beginning.
  const begun = new Map<string, number>()
  const results: Told[] = []
  const says: Saying[] = []
  let items: { key: string; text: string }[] = []
  let recap: string[] = []
  let free = byHost
  let count = 0
  const begin = (id: string) => {
    begun.set(id, ++count)
    return count
  }
  for (const line of lines) {
    if (line.event === 'play') free ||= line.strategy !== 'linear'
    else if (line.event === 'recap') recap = recapLines(line.hosts)
    else if (line.event === 'task') begin(line.id)
    else {
      const { host, name, status } = line
      const task = begun.get(line.id) ?? begin(line.id)
      if ('said' in line) says.push({ task, host, text: valueText(line.said) })
      const key = `${task} ${host}`
      if (line.event === 'item') items.push({ key, text: `${labelText(line.label)} ${status}` })
      else {
        const own = items.filter((item) => item.key === key).map((item) => item.text)
        items = items.filter((item) => item.key !== key)
        results.push({ task, name, host, status, items: own })
      }
    }
  }
  return { tasks: taskLines(results, free), says: sayingLines(says, free), recap }
}

function run(
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ status: number; shown: string }> {
  return new Promise((resolve, reject) => {
    const [program = '', ...rest] = words
    const child = spawn(program, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let shown = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        shown += text
      })
    const tooLong = setTimeout(() => {
      shown += '\nended by the referee after 120 s\n'
      process.kill(-child.pid!, 'SIGKILL')
    }, 120_000)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearTimeout(tooLong)
      // its ssh masters keep the pipes
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ status: code ?? -1, shown })
    })
  })
}
