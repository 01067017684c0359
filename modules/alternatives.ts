import { type Change, defineModule, defineRead, exec, Problem, quote, type Step } from 'tsplay'

/** A page of the manual, or another command, that goes with the choice. */
interface Subcommand {
  readonly name: string
  readonly link: string
  readonly path: string
}

interface Choice {
  readonly path: string
  readonly priority: number
  /** Of Red Hat's: those that go together. */
  readonly family?: string
  readonly subcommands: readonly Subcommand[]
}

interface Alternatives {
  readonly link: string
  readonly mode: 'auto' | 'manual'
  readonly current: string
  readonly choices: readonly Choice[]
}

const TOOL = `t=$(command -v update-alternatives || command -v alternatives) || exit 44`

/** Red Hat's tool has no --query: what it displays says all but where the links are, which is in its own file. */
const look = (name: string) => {
  const file = quote(`/var/lib/alternatives/${name}`)
  return `${TOOL}; if [ -f ${file} ]; then LC_ALL=C "$t" --display ${quote(name)} 2>/dev/null && printf '\\036' && cat ${file}; else LC_ALL=C "$t" --query ${quote(name)} 2>/dev/null; fi`
}

/** A group of alternatives; null: there is none of that name. */
const alternatives = defineRead<string, Alternatives | null>({
  name: 'alternatives',
  key: (name) => name,
  paths: (name) => [`/var/lib/dpkg/alternatives/${name}`, `/var/lib/alternatives/${name}`, `/etc/alternatives/${name}`],
  items: (names) => names.map(look),
  parse: (replies, names) =>
    names.map((_, index) => {
      const { status, stdout } = replies[index]!
      if (status === 44)
        return new Problem('task-failed', 'This host has neither update-alternatives nor alternatives.')
      if (status !== 0) return null
      const [told = '', file] = stdout.toString().split('\x1e')
      return file === undefined ? parseQuery(told) : parseDisplay(told, file)
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
        .map((block) => ({
          path: field(block, 'Alternative'),
          priority: Number(field(block, 'Priority')),
          subcommands: byName(
            [...followers(block)].map(([name, path]) => ({ name, link: followers(head).get(name) ?? '', path })),
          ),
        })),
    ),
  }
}

/** As Red Hat's tool tells it, and keeps it: the mode, the link, and each follower's name and link, up to an empty line. */
function parseDisplay(text: string, file: string): Alternatives {
  const [, link = '', ...pairs] = file.slice(0, file.indexOf('\n\n')).split('\n')
  const links = new Map(pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1] ?? '']] : [])))
  const blocks = text.split(/^(?=\/)/m).slice(1)
  return {
    link,
    mode: / - status is auto\./.test(text) ? 'auto' : 'manual',
    current: /^ *link currently points to (.*)$/m.exec(text)?.[1] ?? '',
    choices: sorted(
      blocks.map((block) => {
        const [, path = '', family, priority] = /^(.*) - (?:family (\S+) )?priority (-?\d+)/.exec(block) ?? []
        const told = [...block.matchAll(/^ +(?:slave|follower) (\S+): (.+)$/gm)].filter(([, , to]) => to !== '(null)')
        return {
          path,
          priority: Number(priority),
          ...(family === undefined ? {} : { family }),
          subcommands: byName(told.map(([, name = '', to = '']) => ({ name, link: links.get(name) ?? '', path: to }))),
        }
      }),
    ),
  }
}

/** Names, and where they lead: in the head the links, with a choice its files. */
const followers = (block: string): Map<string, string> =>
  new Map(
    (/^Slaves:\n((?: .*\n?)*)/m.exec(block)?.[1] ?? '')
      .split('\n')
      .flatMap((line) => [...line.matchAll(/^ (\S+) (.+)$/g)].map(([, name, where]) => [name!, where!] as const)),
  )

const sorted = (choices: readonly Choice[]): Choice[] => [...choices].sort((a, b) => (a.path < b.path ? -1 : 1))
const byName = (subcommands: readonly Subcommand[]): Subcommand[] =>
  [...subcommands].sort((a, b) => (a.name < b.name ? -1 : 1))

export default defineModule({
  summary: 'Choose among programs that offer the same command.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[^/\\s]+$', description: 'The name they share: editor, iptables, …' },
      path: { type: 'string', format: 'path', description: 'The program to choose.' },
      link: { type: 'string', format: 'path', description: 'Where the command is; needed where the name is new.' },
      priority: { type: 'integer', description: 'Of the program. Default: as it is; 50 where it is added.' },
      subcommands: {
        type: 'array',
        aliases: ['slaves'],
        items: {
          type: 'object',
          properties: {
            name: { type: 'string', pattern: '^[^/\\s]+$', description: 'The name that is shared.' },
            link: { type: 'string', format: 'path', description: 'Where it is.' },
            path: { type: 'string', format: 'path', description: 'The file of this program.' },
          },
          required: ['name', 'link', 'path'],
          additionalProperties: false,
        },
        description: 'All that is chosen with this program: pages of the manual, further commands. Default: as it is.',
      },
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
    {
      title: 'A command that brings another one',
      given:
        '- copy: {dest: /usr/local/bin/tsplay-three, content: "#!/bin/sh\\n", mode: "0755"}\n- copy: {dest: /usr/local/bin/tsplay-three-admin, content: "#!/bin/sh\\n", mode: "0755"}',
      yaml: '- alternatives:\n    name: tsplay-some\n    link: /usr/local/bin/tsplay-some\n    path: /usr/local/bin/tsplay-three\n    subcommands:\n      - name: tsplay-some-admin\n        link: /usr/local/bin/tsplay-some-admin\n        path: /usr/local/bin/tsplay-three-admin',
    },
  ],
  async probe(host, params) {
    const [there, program, followers] = await Promise.all([
      host.read(alternatives, params.name),
      host.stat(params.path, { follow: true }),
      Promise.all((params.subcommands ?? []).map(({ path }) => host.stat(path, { follow: true }))),
    ])
    const missing = (params.subcommands ?? []).flatMap(({ path }, index) => (followers[index] ? [] : [path]))
    return { there, program: program !== null, missing }
  },
  plan({ there, program, missing }, params) {
    const { name, path, state } = params
    const twice = (params.subcommands ?? []).find((one, at, all) =>
      all.some((two, to) => to < at && two.name === one.name),
    )
    if (twice) return { failed: `The subcommand ${twice.name} stands twice in "subcommands".` }
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
    const changes: Change[] = []
    const priority = params.priority ?? known?.priority ?? 50
    // What is not asked about stays: `--install` takes away what it is not told.
    const subcommands = byName(
      (params.subcommands ?? known?.subcommands ?? []).map(({ name, link, path }) => ({ name, link, path })),
    )
    const differing = [...new Set([...(known?.subcommands ?? []), ...subcommands].map((one) => one.name))].flatMap(
      (one) => {
        const [before, after] = [known?.subcommands ?? [], subcommands].map((all) =>
          all.find((each) => each.name === one),
        )
        return before?.path === after?.path && before?.link === after?.link ? [] : [{ one, before, after }]
      },
    )
    let now: Alternatives = there ?? { link, mode: 'auto', current: '', choices: [] }
    if (!known || known.priority !== priority || now.link !== link || differing.length > 0) {
      if (!program) return { failed: `Specified path ${path} does not exist` }
      const links = new Map(subcommands.map((one) => [one.name, one.link]))
      const choices = now.choices
        .filter((choice) => choice.path !== path)
        // A name has one link, whichever program is chosen.
        .map((choice) => ({
          ...choice,
          subcommands: choice.subcommands.map((one) => ({ ...one, link: links.get(one.name) ?? one.link })),
        }))
      now = settled({ ...now, link, choices: sorted([...choices, { ...known, path, priority, subcommands }]) })
      const words = [`--install ${quote(link)} ${quote(name)} ${quote(path)} ${priority}`]
      for (const one of subcommands) words.push(`--slave ${quote(one.link)} ${quote(one.name)} ${quote(one.path)}`)
      if (known?.family !== undefined) words.push(`--family ${quote(known.family)}`)
      steps.push(change(name, `offer ${path} as ${name}`, words.join(' '), now))
      if (known?.priority !== priority)
        changes.push({
          path: `alternatives ${name} ${path}`,
          ...(known ? { before: known.priority } : {}),
          after: priority,
        })
      if (there && there.link !== link)
        changes.push({ path: `alternatives ${name} link`, before: there.link, after: link })
      for (const { one, before, after } of differing)
        changes.push({
          path: `alternatives ${name} ${path} ${one}`,
          ...(before ? { before: `${before.link} → ${before.path}` } : {}),
          ...(after ? { after: `${after.link} → ${after.path}` } : {}),
        })
    }
    if (state === 'auto' && now.mode !== 'auto') {
      const chosen = settled({ ...now, mode: 'auto' })
      steps.push(change(name, `let ${name} be chosen by priority`, `--auto ${quote(name)}`, chosen))
      changes.push({ path: `alternatives ${name}`, before: now.current, after: chosen.current })
    }
    // Even where it would be chosen by itself: it stays so, whatever comes.
    if (state === 'selected' && there?.current !== path) {
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
    const warnings = missing.map((one) => `${one} is not there: its link is not made before it is.`)
    return { changes, steps, result, ...(steps.length > 0 ? { warnings } : {}) }
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
  return exec({ show, script: `${TOOL}; "$t" ${words} >/dev/null`, effects })
}
