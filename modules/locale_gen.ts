import {
  type Change,
  defineModule,
  defineRead,
  exec,
  fileEffect,
  quote,
  type Step,
  textOf,
  Unknown,
  write,
} from 'tsplay'

const LIST = '/etc/locale.gen'
const KNOWN = '/usr/share/i18n/SUPPORTED'
/** Ubuntu's own folder: its locale-gen takes names, and notes them here. */
const NOTED = '/var/lib/locales/supported.d'

/** `de_CH.UTF-8` and `de_CH.utf8` are one: the C library keeps letters and digits of the encoding, made small. */
function normal(name: string): string {
  const [, base = '', encoding = '', modifier = ''] = /^([^.@]*)(\.[^@]*)?(@.*)?$/.exec(name) ?? []
  return base + (encoding && `.${encoding.toLowerCase().replace(/[^a-z0-9]/g, '')}`) + modifier
}

/** Whether a host has made a locale, by its normal name. */
const locale = defineRead<string, boolean>({
  name: 'locale',
  key: normal,
  items: () => ['locale -a 2>/dev/null || { command -v locale >/dev/null 2>&1 || exit 44; }'],
  parse: ([reply], names) => {
    const there = new Set(reply!.stdout.toString('latin1').split('\n').map(normal))
    return names.map((name) => there.has(normal(name)))
  },
})

export default defineModule({
  summary: 'Make and remove locales.',
  description:
    'Locales that are made already are left alone, whatever way they came. Others are put to use in /etc/locale.gen and made by locale-gen (on Ubuntu: by its locale-gen, which takes names). The package "locales" must be there.',
  aliases: ['locale'],
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'array',
        items: { type: 'string', pattern: '^[A-Za-z0-9_.@-]+$' },
        minItems: 1,
        description: 'Names with their encoding: de_CH.UTF-8.',
      },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether they should be there.' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: { name: 'the names', state: 'as given' },
  examples: [
    {
      title: 'Two locales',
      given: '- apt: {name: locales}',
      yaml: '- locale_gen:\n    name: [de_CH.UTF-8, nl_NL.UTF-8]',
    },
    {
      title: 'One that goes',
      given: '- apt: {name: locales}\n- locale_gen: {name: sv_SE.UTF-8}',
      yaml: '- locale_gen: {name: sv_SE.UTF-8, state: absent}',
    },
  ],
  async probe(host, { name: names, state }) {
    const [list, known, noted, there] = await Promise.all([
      host.content(LIST),
      host.content(KNOWN),
      host.stat(NOTED, { follow: true }),
      Promise.all(names.map((name) => host.read(locale, name))),
    ])
    const wrong = names.filter((_, index) => there[index] !== (state === 'present'))
    const ubuntu = noted?.type === 'directory'
    const local = ubuntu && state === 'absent' && wrong.length > 0 ? await host.content(`${NOTED}/local`) : null
    return {
      list: list === null ? null : textOf(list),
      known: known === null ? '' : textOf(known),
      ubuntu,
      local: local === null ? null : textOf(local),
      wrong,
    }
  },
  plan({ list, known, ubuntu, local, wrong }, { name, state }) {
    const present = state === 'present'
    const result = { name, state }
    if (!ubuntu && list === null)
      return {
        failed: `${NOTED} and ${LIST} are missing.`,
        hint: 'Install the package "locales" first.',
      }
    const missing = present ? wrong.filter((one) => lineOf(one, list ?? '', known) === undefined) : []
    if (missing.length > 0)
      return {
        failed: `The following locales you've entered are not available on your system: ${missing.join(', ')}`,
        hint: `Those that are stand in ${KNOWN}; the encoding belongs to the name.`,
      }
    if (wrong.length === 0) return { result }
    const changes: Change[] = wrong.map((one) => ({ path: `locale ${one}`, before: !present, after: present }))
    const steps: Step[] = []
    if (ubuntu) {
      const kept = (local ?? '').split('\n').filter((line) => !wrong.includes(line.split(' ')[0]!))
      if (!present && local !== null && kept.join('\n') !== local)
        steps.push(write({ path: `${NOTED}/local`, content: Buffer.from(kept.join('\n')) }))
    } else {
      const text = edited(list!, wrong, present, known)
      if (text !== list) {
        changes.push({ path: LIST, before: list!, after: text })
        steps.push(write({ path: LIST, content: Buffer.from(text) }))
      }
    }
    steps.push(generate(wrong, present, ubuntu))
    return { changes, steps, result }
  },
})

/** `de_CH.UTF-8 UTF-8` out of what the host can make; commented out or not. */
function lineOf(name: string, ...lists: readonly string[]): string | undefined {
  for (const line of lists.flatMap((list) => list.split('\n'))) {
    const [found, encoding] = line.replace(/^#?\s*/, '').split(/\s+/)
    if (found === name && encoding) return `${name} ${encoding}`
  }
  return undefined
}

function edited(list: string, names: readonly string[], present: boolean, known: string): string {
  const lines = list.split('\n').map((line) => {
    const name = names.find((one) => line.replace(/^#?\s*/, '').startsWith(`${one} `))
    if (name === undefined || line.startsWith('#') !== present) return line
    return present ? line.replace(/^#\s*/, '') : `# ${line}`
  })
  const more = present
    ? names.filter((name) => lineOf(name, list) === undefined).map((name) => lineOf(name, known)!)
    : []
  const text = lines.join('\n')
  return more.length === 0 ? text : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${more.join('\n')}\n`
}

/** locale-gen succeeds whatever localedef said, so what came of it is looked at. */
function generate(names: readonly string[], present: boolean, ubuntu: boolean): Step {
  const words = ubuntu ? (present ? ` ${names.map(quote).join(' ')}` : ' --purge') : ''
  const checks = names.map(
    (name) =>
      `locale -a | grep -qxF -e ${quote(normal(name))} -e ${quote(name)} ${present ? '||' : '&&'} { printf '%s\\n' "$said" ${quote(`${name} is ${present ? 'not there' : 'still there'}`)} >&2; exit 1; }`,
  )
  return exec({
    show: `${present ? 'make' : 'remove'} the locale${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
    script: `said=$(locale-gen${words} 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }\n${checks.join('\n')}\n:`,
    effects: [
      { forgets: locale.name },
      ...names.map((name) => ({ read: locale.name, key: normal(name), gives: present })),
      ...(ubuntu
        ? [
            fileEffect({
              path: `${NOTED}/local`,
              type: 'file',
              content: new Unknown("what Ubuntu's locale-gen notes of locales"),
            }),
          ]
        : []),
    ],
  })
}
