import { bytewise, defineModule, type Edited, type EditParams, editParams, lookAtEdit, Problem, planEdit } from 'tsplay'

interface Params extends EditParams {
  state: 'present' | 'absent'
  section?: string | undefined
  option?: string | undefined
  value?: string | undefined
  values?: string[] | undefined
  exclusive: boolean
  no_extra_spaces: boolean
  ignore_spaces: boolean
  allow_no_value: boolean
  modify_inactive_option: boolean
  follow: boolean
}

export default defineModule({
  summary: 'Set and remove options of INI files.',
  description:
    'Comments, order and what else stands in the file stay. A commented-out option is taken for the place of a new one.',
  params: {
    type: 'object',
    properties: {
      ...editParams,
      create: { type: 'boolean', default: true, description: 'Make the file when it is missing.' },
      section: { type: 'string', format: 'line', description: 'The section; none: the options before the first one.' },
      option: {
        type: 'string',
        format: 'line',
        description: 'The option; none: the section itself is made or removed.',
      },
      value: { type: 'string', format: 'line', description: 'Its value.' },
      values: {
        type: 'array',
        items: { type: 'string', format: 'line' },
        description: 'The values of an option that stands several times.',
      },
      exclusive: {
        type: 'boolean',
        default: true,
        description: 'Other lines of the option go. With false: they stay, and absent removes only the values named.',
      },
      no_extra_spaces: { type: 'boolean', default: false, description: 'No blanks around =.' },
      ignore_spaces: {
        type: 'boolean',
        default: false,
        description: 'A line that differs in blanks around = only is right as it is.',
      },
      allow_no_value: { type: 'boolean', default: false, description: 'The option may stand without = and value.' },
      modify_inactive_option: {
        type: 'boolean',
        default: true,
        description: 'A commented-out line of the option becomes the new one.',
      },
      follow: { type: 'boolean', default: false, description: 'Write through a link.' },
    },
    required: ['path'],
    additionalProperties: false,
    not: { required: ['value', 'values'] },
  },
  returns: { msg: 'what was done', backup_file: 'where the old file was kept' },
  examples: [
    {
      title: 'An option of a section',
      given: `- copy: {dest: /tmp/tsplay-example.ini, content: "[main]\\n# speed = 1\\n"}`,
      yaml: `- ini_file:\n    path: /tmp/tsplay-example.ini\n    section: main\n    option: speed\n    value: '10'`,
    },
    {
      title: 'An option gone',
      given: `- copy: {dest: /tmp/tsplay-example2.ini, content: "[main]\\na = 1\\nb = 2\\n"}`,
      yaml: `- ini_file:\n    path: /tmp/tsplay-example2.ini\n    section: main\n    option: b\n    state: absent`,
    },
    {
      title: 'A section gone with all that is in it',
      given: `- copy: {dest: /tmp/tsplay-example3.ini, content: "[a]\\nx = 1\\n[b]\\ny = 2\\n"}`,
      yaml: `- ini_file:\n    path: /tmp/tsplay-example3.ini\n    section: a\n    state: absent`,
    },
  ],
  check(given) {
    const params = given as Params
    if (params.state === 'present' && wanted(params).length === 0 && !params.allow_no_value)
      throw new Problem('bad-parameter', '"ini_file" needs "value" or "values" with the state "present".', {
        hint: 'allow_no_value: true lets an option, or a section, stand by itself.',
      })
  },
  contained: true,
  async probe(host, given, controller) {
    const params = { ...given, section: given.section || undefined } as Params
    return lookAtEdit(host, params, controller.checking, (text) => edit(text, params))
  },
  plan(state) {
    const plan = planEdit(state, 'backup_file')
    // As Ansible says it: of the text only.
    return 'edited' in state
      ? { ...plan, result: { ...plan.result, msg: state.differs ? state.edited.msg : 'OK' } }
      : plan
  },
})

function edit(text: string | undefined, params: Params): Edited {
  if (text === undefined && params.state === 'absent') return { text: undefined, msg: 'OK' }
  const lines = (text ?? '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  // As Ansible leaves it: an empty file has an empty line before its first section.
  if (lines.length === 0 && params.state === 'present') lines.push('')
  const msg = params.state === 'present' ? present(lines, params) : absent(lines, params)
  // A last line without its end gets it, as with Ansible.
  return { text: text === '' && msg === 'OK' ? '' : lines.map((line) => `${line}\n`).join(''), msg }
}

interface Section {
  /** Its first line behind the one of its name. */
  readonly start: number
  /** Behind its last line. */
  readonly end: number
}

/** No name: the lines before the first section. Of several with the same name in a row, the last. */
function sectionOf(lines: readonly string[], name: string | undefined): Section | undefined {
  const own = (line: string) => name !== undefined && line.startsWith(`[${bytewise(name)}]`)
  const next = (from: number) => lines.findIndex((line, index) => index > from && line.startsWith('['))
  let head = name === undefined ? -1 : lines.findIndex(own)
  if (name !== undefined && head < 0) return undefined
  while (own(lines[next(head)] ?? '')) head = next(head)
  return { start: head + 1, end: next(head) < 0 ? lines.length : next(head) }
}

const wanted = (params: Params): string[] => [
  ...new Set((params.values ?? (params.value === undefined ? [] : [params.value])).map(bytewise)),
]

function lineOf(params: Params, value: string | undefined, end: string): string {
  const option = bytewise(params.option!)
  if (value === undefined) return option + end
  return `${option}${params.no_extra_spaces ? '=' : ' = '}${value}${end}`
}

interface Found {
  readonly at: number
  readonly active: boolean
  readonly value: string
  /** As it stands, but for blanks around = and the comment sign. */
  readonly line: string
}

/** Lines of the option, in their order; those commented out too, where they may be taken. */
function optionLines(lines: readonly string[], { start, end }: Section, params: Params): Found[] {
  const option = bytewise(params.option!).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = new RegExp(`^([#;]?)[ \\t]*${option}[ \\t]*(?:=|$)[ \\t]*([^\\r]*)\\r?$`)
  return lines.slice(start, end).flatMap((line, index) => {
    const match = pattern.exec(line)
    if (!match) return []
    const active = match[1] === ''
    return active || params.modify_inactive_option ? [{ at: start + index, active, value: match[2]!, line }] : []
  })
}

/** Lines as the file ends them: CR LF where the first one does. */
const endOf = (lines: readonly string[]): string => (lines[0]?.endsWith('\r') ? '\r' : '')

function present(lines: string[], params: Params): string {
  const values = wanted(params)
  const section = sectionOf(lines, params.section)
  const end = endOf(lines)
  if (!section) {
    const options = params.option === undefined ? [] : values.length > 0 ? values : [undefined]
    lines.push(`[${bytewise(params.section!)}]${end}`, ...options.map((value) => lineOf(params, value, end)))
    return options.length > 0 ? 'section and option added' : 'only section added'
  }
  if (params.option === undefined) return 'OK'
  const found = optionLines(lines, section, params)
  const kept = new Map<number, string>()
  const keep = ({ at, active, value, line }: Found, wanted: string | undefined) =>
    kept.set(at, params.ignore_spaces && active && value === (wanted ?? '') ? line : lineOf(params, wanted, end))
  let bare = false
  for (const each of found) {
    if (values.includes(each.value)) {
      values.splice(values.indexOf(each.value), 1)
      bare ||= each.value === '' && params.allow_no_value
      keep(each, each.value === '' && params.allow_no_value ? undefined : each.value)
    } else if (wanted(params).length === 0 && !bare) {
      bare = true
      keep(each, undefined)
    }
  }
  const going = new Set<number>()
  if (params.exclusive && !params.allow_no_value) {
    for (const each of found.filter(({ at }) => !kept.has(at))) {
      if (values.length > 0) keep(each, values.shift())
      else going.add(each.at)
    }
  }
  const missing: readonly (string | undefined)[] = wanted(params).length === 0 ? (bare ? [] : [undefined]) : values
  const changed = going.size > 0 || [...kept].some(([at, line]) => lines[at] !== line)
  if (!changed && missing.length === 0) return 'OK'
  const body = lines
    .map((line, index) => ({ line: kept.get(index) ?? line, index }))
    .filter(({ index }) => !going.has(index))
  // Behind the section's last line that says something; comments at its end belong to what follows.
  const last = body.findLastIndex(
    ({ line, index }) => index >= section.start && index < section.end && !/^[ \t]*([#;].*)?\r?$/.test(line),
  )
  const head = body.findLastIndex(({ index }) => index < section.start)
  const added = missing.map((value) => ({ line: lineOf(params, value, end), index: -1 }))
  body.splice((last < 0 ? head : last) + 1, 0, ...added)
  lines.splice(0, lines.length, ...body.map(({ line }) => line))
  return missing.length > 0 ? 'option added' : 'option changed'
}

function absent(lines: string[], params: Params): string {
  const section = sectionOf(lines, params.section)
  if (!section) return 'OK'
  if (params.option === undefined) {
    if (params.section === undefined) return 'OK'
    lines.splice(section.start - 1, section.end - section.start + 1)
    return 'section removed'
  }
  const going = new Set(
    optionLines(lines, section, params)
      .filter((line) => line.active && (params.exclusive || wanted(params).includes(line.value)))
      .map((line) => line.at),
  )
  if (going.size === 0) return 'OK'
  lines.splice(0, lines.length, ...lines.filter((_, index) => !going.has(index)))
  return 'option changed'
}
