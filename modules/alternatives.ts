import { defineModule, defineRead, exec, Problem, quote, type Step } from 'tsplay'

interface Choice {
  readonly path: string
  readonly priority: number
}

interface Alternatives {
  readonly link: string
  readonly mode: 'auto' | 'manual'
  readonly current: string
  readonly choices: readonly Choice[]
}

const TOOL = `t=$(command -v update-alternatives || command -v alternatives) || exit 44`

/** A group of alternatives as `update-alternatives --query` tells it; null: there is none of that name. */
const alternatives = defineRead<string, Alternatives | null>({
  name: 'alternatives',
  key: (name) => name,
  paths: (name) => [`/var/lib/dpkg/alternatives/${name}`, `/etc/alternatives/${name}`],
  items: (names) => names.map((name) => `${TOOL}; LC_ALL=C "$t" --query ${quote(name)} 2>/dev/null`),
  parse: (replies, names) =>
    names.map((_, index) => {
      const { status, stdout } = replies[index]!
      if (status === 44)
        return new Problem('task-failed', 'This host has neither update-alternatives nor alternatives.')
      return status === 0 ? parseQuery(stdout.toString()) : null
    }),
})

function parseQuery(text: string): Alternatives {
  const [head = '', ...blocks] = text.split(/\n\n/)
  const field = (block: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
  return {
    link: field(head, 'Link'),
    mode: field(head, 'Status') === 'auto' ? 'auto' : 'manual',
    current: field(head, 'Value'),
    choices: sorted(
      blocks
        .filter((block) => field(block, 'Alternative') !== '')
        .map((block) => ({ path: field(block, 'Alternative'), priority: Number(field(block, 'Priority')) })),
    ),
  }
}

const sorted = (choices: readonly Choice[]): Choice[] => [...choices].sort((a, b) => (a.path < b.path ? -1 : 1))

export default defineModule({
  summary: 'Choose among programs that offer the same command.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[^/\\s]+$', description: 'The name they share: editor, iptables, …' },
      path: { type: 'string', format: 'path', description: 'The program to choose.' },
      link: { type: 'string', format: 'path', description: 'Where the command is; needed where the name is new.' },
      priority: { type: 'integer', default: 50, description: 'Of the program, where it is added.' },
      state: {
        enum: ['selected', 'present', 'auto', 'absent'],
        default: 'selected',
        description:
          'selected: this program is the command; present: it is one of them; auto: the one of the highest priority is; absent: it is none of them.',
      },
    },
    required: ['name', 'path'],
    additionalProperties: false,
  },
  returns: { name: 'the name', path: 'the program' },
  examples: [
    {
      title: 'A command of two programs',
      given:
        '- copy: {dest: /usr/local/bin/tsplay-one, content: "#!/bin/sh\\n", mode: "0755"}\n- copy: {dest: /usr/local/bin/tsplay-two, content: "#!/bin/sh\\n", mode: "0755"}',
      yaml: `- alternatives:\n    name: tsplay-any\n    link: /usr/local/bin/tsplay-any\n    path: /usr/local/bin/tsplay-one\n    priority: 20\n    state: present\n- alternatives:\n    name: tsplay-any\n    link: /usr/local/bin/tsplay-any\n    path: /usr/local/bin/tsplay-two\n    priority: 10`,
    },
  ],
  async probe(host, params) {
    const [there, program] = await Promise.all([
      host.read(alternatives, params.name),
      host.stat(params.path, { follow: true }),
    ])
    return { there, program: program !== null }
  },
  plan({ there, program }, params) {
    const { name, path, priority, state } = params
    const steps: Step[] = []
    const result = { name, path }
    const known = there?.choices.find((choice) => choice.path === path)
    if (state === 'absent') {
      if (!known) return { result }
      const left = there!.choices.filter((choice) => choice.path !== path)
      steps.push(
        change(
          name,
          `remove ${path} from the alternatives ${name}`,
          `--remove ${quote(name)} ${quote(path)}`,
          without(there!, left),
        ),
      )
      return { changes: [{ path: `alternatives ${name} ${path}`, before: known.priority }], steps, result }
    }
    const link = params.link ?? there?.link
    if (link === undefined)
      return { failed: `There are no alternatives "${name}" yet.`, hint: 'Name "link": where the command is to be.' }
    const changes = []
    let now: Alternatives = there ?? { link, mode: 'auto', current: '', choices: [] }
    if (!known || known.priority !== priority || now.link !== link) {
      if (!program) return { failed: `Specified path ${path} does not exist` }
      const choices = sorted([...now.choices.filter((choice) => choice.path !== path), { path, priority }])
      now = settled({ ...now, link, choices })
      const words = `--install ${quote(link)} ${quote(name)} ${quote(path)} ${priority}`
      steps.push(change(name, `offer ${path} as ${name}`, words, now))
      changes.push({
        path: `alternatives ${name} ${path}`,
        ...(known ? { before: known.priority } : {}),
        after: priority,
      })
    }
    if (state === 'auto' && now.mode !== 'auto') {
      const chosen = settled({ ...now, mode: 'auto' })
      steps.push(change(name, `let ${name} be chosen by priority`, `--auto ${quote(name)}`, chosen))
      changes.push({ path: `alternatives ${name}`, before: now.current, after: chosen.current })
    }
    if (state === 'selected' && now.current !== path) {
      steps.push(
        change(name, `make ${path} ${name}`, `--set ${quote(name)} ${quote(path)}`, {
          ...now,
          mode: 'manual',
          current: path,
        }),
      )
      changes.push({
        path: `alternatives ${name}`,
        ...(now.current === '' ? {} : { before: now.current }),
        after: path,
      })
    }
    return { changes, steps, result }
  },
})

/** In auto mode the highest priority wins. */
function settled(group: Alternatives): Alternatives {
  if (group.mode === 'manual' && group.choices.some((choice) => choice.path === group.current)) return group
  const best = [...group.choices].sort((a, b) => b.priority - a.priority)[0]
  return { ...group, mode: 'auto', current: best?.path ?? '' }
}

function without(group: Alternatives, choices: readonly Choice[]): Alternatives | null {
  return choices.length === 0 ? null : settled({ ...group, choices })
}

function change(name: string, show: string, words: string, gives: Alternatives | null): Step {
  const effects = [
    { read: alternatives.name, key: name, gives },
    { outdates: 'command', why: `the command ${name}` },
  ]
  return exec({ show, script: `${TOOL}; "$t" --quiet ${words} >/dev/null`, effects })
}
