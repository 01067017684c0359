import {
  defineModule,
  type Edited,
  type EditParams,
  editParams,
  expandMatch,
  lookAtEdit,
  Problem,
  planEdit,
  pythonRegExp,
} from 'tsplay'

interface Params extends Omit<EditParams, 'create'> {
  regexp: string
  replace: string
  after?: string | undefined
  before?: string | undefined
  encoding: 'utf-8' | 'latin-1' | 'ascii'
}

const { state: _, create: __, ...common } = editParams

export default defineModule({
  summary: 'Replace every place of a file that a pattern finds.',
  description:
    'The pattern sees the whole file, not line by line; ^ and $ stand at the ends of lines. A replacement that the pattern finds again changes the file at each run.',
  params: {
    type: 'object',
    properties: {
      ...common,
      regexp: { type: 'string', format: 'regexp', description: 'What to replace, as a Python pattern (MULTILINE).' },
      replace: {
        type: 'string',
        default: '',
        description:
          'What to put there; \\1 and \\g<name> are what the pattern caught. Nothing: the places are removed.',
      },
      after: {
        type: 'string',
        format: 'regexp',
        description: 'Only behind the first place that this pattern finds (DOTALL).',
      },
      before: {
        type: 'string',
        format: 'regexp',
        description: 'Only before the first place that this pattern finds (DOTALL).',
      },
      encoding: { enum: ['utf-8', 'latin-1', 'ascii'], default: 'utf-8', description: "The file's encoding." },
    },
    required: ['path', 'regexp'],
    additionalProperties: false,
  },
  returns: { msg: 'how many places were replaced', backup_file: 'where the old file was kept' },
  examples: [
    {
      title: 'Another port, wherever it stands',
      given: `- copy: {dest: /tmp/tsplay-replace, content: "a:8080\\nb:8080\\n"}`,
      yaml: `- replace:\n    path: /tmp/tsplay-replace\n    regexp: ':8080$'\n    replace: ':9090'`,
    },
    {
      title: 'Within one part of the file',
      given: `- copy: {dest: /tmp/tsplay-replace2, content: "[a]\\nx=1\\n[b]\\nx=1\\n"}`,
      yaml: `- replace:\n    path: /tmp/tsplay-replace2\n    after: '\\[b\\]'\n    regexp: '^x=.*'\n    replace: 'x=2'`,
    },
  ],
  contained: true,
  probe(host, given, controller) {
    const params = given as Params
    return lookAtEdit(host, { ...params, create: false }, controller.checking, (text) => edit(text, params))
  },
  plan(state) {
    if ('failed' in state) return { failed: state.failed, result: state.result ?? {} }
    const plan = planEdit(state, 'backup_file')
    const { unmatched, ...result } = { ...plan.result } as Record<string, unknown>
    if (unmatched === undefined) return plan
    const msg = `Pattern for before/after params did not match the given file: ${unmatched}`
    return { ...plan, result: { ...result, msg } }
  },
})

/** `bytes` has one character a byte, and so has what comes back. */
function edit(bytes: string | undefined, params: Params): Edited {
  if (bytes === undefined) return { text: '', msg: '' }
  const text = decode(bytes, params)
  const part = within(text, params)
  if (!part) return { text: bytes, msg: '', more: { unmatched: bounds(params) } }
  const pattern = pythonRegExp(params.regexp, 'regexp', { flags: 'gm', text: true })
  let count = 0
  const replaced = text.slice(part.start, part.end).replace(pattern, (...found) => {
    count++
    const groups = typeof found.at(-1) === 'object' ? (found.at(-1) as Record<string, string>) : undefined
    const caught = found.slice(0, groups ? -3 : -2) as string[]
    return expandMatch(params.replace, Object.assign(caught as RegExpMatchArray, { groups }), 'replace')
  })
  const after = encode(text.slice(0, part.start) + replaced + text.slice(part.end), params)
  return { text: after, msg: `${count} replacements made` }
}

/** The part of the text that `after` and `before` leave, as Ansible finds it. */
function within(text: string, params: Params): { start: number; end: number } | undefined {
  if (params.after === undefined && params.before === undefined) return { start: 0, end: text.length }
  const source = bounds(params)
  const found = pythonRegExp(source, params.after === undefined ? 'before' : 'after', { flags: 'sd', text: true }).exec(
    text,
  )
  const [start, end] = found?.indices?.groups?.['subsection'] ?? []
  return start === undefined || end === undefined ? undefined : { start, end }
}

function bounds({ after = '', before }: Params): string {
  return `${after}(?P<subsection>.*${before !== undefined && after !== '' ? '?' : ''})${before ?? ''}`
}

function decode(bytes: string, { encoding, path }: Params): string {
  if (encoding === 'latin-1') return bytes
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'))
  } catch {
    throw new Problem('task-failed', `${path} is not text in ${encoding}.`, {
      hint: 'encoding: latin-1 takes any bytes.',
    })
  }
}

const encode = (text: string, { encoding }: Params): string =>
  encoding === 'latin-1' ? text : Buffer.from(text).toString('latin1')
