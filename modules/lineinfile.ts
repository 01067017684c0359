import {
  bytewise,
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

interface Params extends EditParams {
  state: 'present' | 'absent'
  regexp?: string | undefined
  search_string?: string | undefined
  line?: string | undefined
  insertafter?: string | undefined
  insertbefore?: string | undefined
  backrefs: boolean
  firstmatch: boolean
}

export default defineModule({
  summary: 'Make one line be in a file, or not.',
  description:
    'The last line that the pattern finds is replaced (the first, with firstmatch); when it finds none, the line is added where insertafter or insertbefore says.',
  params: {
    type: 'object',
    properties: {
      ...editParams,
      regexp: {
        type: 'string',
        format: 'regexp',
        aliases: ['regex'],
        description: 'The line to replace or remove, as a Python pattern.',
      },
      search_string: { type: 'string', description: 'The same, as plain text in the line.' },
      line: { type: 'string', aliases: ['value'], description: 'The line as it should be.' },
      insertafter: {
        type: 'string',
        format: 'regexp',
        description: 'EOF, or a pattern: after the last line it finds. Default: EOF.',
      },
      insertbefore: {
        type: 'string',
        format: 'regexp',
        description: 'BOF, or a pattern: before the last line it finds.',
      },
      backrefs: {
        type: 'boolean',
        default: false,
        description: 'Fill \\1 and \\g<name> of line from what regexp caught; nothing is added when it finds nothing.',
      },
      firstmatch: { type: 'boolean', default: false, description: 'The first line found, not the last.' },
    },
    required: ['path'],
    additionalProperties: false,
    allOf: [{ not: { required: ['insertbefore', 'insertafter'] } }, { not: { required: ['regexp', 'search_string'] } }],
  },
  returns: { msg: 'what was done', backup: 'where the old file was kept', found: 'how many lines were removed' },
  examples: [
    {
      title: 'A setting',
      given: `- copy: {dest: /tmp/tsplay-settings, content: "a = 1\\n#b = 2\\n"}`,
      yaml: `- lineinfile:\n    path: /tmp/tsplay-settings\n    regexp: '^#?b\\s*='\n    line: b = 3`,
    },
    {
      title: 'A line gone',
      given: `- copy: {dest: /tmp/tsplay-settings2, content: "a = 1\\nb = 2\\n"}`,
      yaml: `- lineinfile:\n    path: /tmp/tsplay-settings2\n    regexp: '^b'\n    state: absent`,
    },
  ],
  check: (given) => demand(given as Params),
  contained: true,
  async probe(host, given, controller) {
    const params = given as Params
    const edit =
      params.state === 'absent'
        ? (text: string | undefined) => without(text, params)
        : (text: string | undefined) => withLine(text ?? '', params)
    return lookAtEdit(host, params, controller.checking, edit)
  },
  plan(state, given) {
    const params = given as Params
    const plan = planEdit(state, 'backup')
    const empty = params.regexp === '' ? 'regexp' : params.search_string === '' ? 'search_string' : undefined
    return empty ? { ...plan, warnings: [`${empty} is empty and so finds every line of ${params.path}.`] } : plan
  },
})

function demand(params: Params): void {
  if (params.state === 'present') {
    if (params.line === undefined)
      throw new Problem('bad-parameter', '"lineinfile" needs "line" with the state "present".', {
        hint: 'Add "line: …": what is to stand in the file.',
      })
    if (params.backrefs && params.regexp === undefined)
      throw new Problem('bad-parameter', '"lineinfile" needs "regexp" with backrefs.', {
        hint: 'Add "regexp: …": what \\1 in line comes from.',
      })
  } else if (params.regexp === undefined && params.search_string === undefined && params.line === undefined) {
    throw new Problem(
      'bad-parameter',
      '"lineinfile" needs "line", "search_string" or "regexp" with the state "absent".',
      {
        hint: 'Say which lines go.',
      },
    )
  }
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []
const bare = (line: string): string => line.replace(/[\r\n]+$/, '')
const ended = (line: string): string => (line.endsWith('\n') ? line : `${line}\n`)

/** What finds the line: the match, for backrefs. */
function finder(params: Params): ((line: string) => RegExpMatchArray | true | undefined) | undefined {
  if (params.regexp !== undefined) {
    const pattern = pythonRegExp(params.regexp, 'regexp')
    return (line) => pattern.exec(line) ?? undefined
  }
  if (params.search_string === undefined) return undefined
  const wanted = bytewise(params.search_string)
  return (line) => (line.includes(wanted) ? true : undefined)
}

function without(text: string | undefined, params: Params): Edited {
  if (text === undefined) return { text: undefined, msg: 'file not present' }
  const line = bytewise(params.line ?? '')
  const find = finder(params) ?? ((each: string) => (bare(each) === line ? true : undefined))
  const lines = linesOf(text)
  const left = lines.filter((each) => find(each) === undefined)
  const found = lines.length - left.length
  return { text: left.join(''), msg: found > 0 ? `${found} line(s) removed` : '', more: { found } }
}

function withLine(text: string, params: Params): Edited {
  const lines = linesOf(text)
  const line = bytewise(params.line!)
  const [at, match] = locate(lines, params)
  if (at !== undefined)
    return replaced(lines, at, params.backrefs && typeof match === 'object' ? expandMatch(line, match) : line)
  const anchor = anchorOf(lines, line, params)
  if (anchor.exact !== undefined) return replaced(lines, anchor.exact, line)
  if (params.backrefs) return { text, msg: '' }
  return added(lines, line, anchor.at, params)
}

/** The line that the pattern finds: the last, or the first. */
function locate(lines: readonly string[], params: Params): [number, RegExpMatchArray | true] | [undefined, undefined] {
  const find = finder(params)
  let result: [number, RegExpMatchArray | true] | [undefined, undefined] = [undefined, undefined]
  for (const [index, each] of find ? lines.entries() : []) {
    const match = find!(each)
    if (match === undefined) continue
    result = [index, match]
    if (params.firstmatch) break
  }
  return result
}

/** Where the very line stands already, and where a new one would go. */
function anchorOf(lines: readonly string[], line: string, params: Params): { exact?: number; at?: number } {
  const { insertafter: after, insertbefore: before } = params
  const text =
    after !== undefined && after !== 'BOF' && after !== 'EOF'
      ? after
      : before !== undefined && before !== 'BOF'
        ? before
        : undefined
  const pattern = text === undefined ? undefined : pythonRegExp(text, after === text ? 'insertafter' : 'insertbefore')
  let exact: number | undefined
  let at: number | undefined
  for (const [index, each] of lines.entries()) {
    if (bare(each) === line) exact = index
    else if (pattern?.test(each)) {
      at = after === undefined ? index : index + 1
      if (params.firstmatch) break
    }
  }
  return { ...(exact === undefined ? {} : { exact }), ...(at === undefined ? {} : { at }) }
}

function replaced(lines: readonly string[], at: number, line: string): Edited {
  const wanted = ended(line)
  if (lines[at] === wanted) return { text: lines.join(''), msg: '' }
  return { text: lines.with(at, wanted).join(''), msg: 'line replaced' }
}

function added(lines: readonly string[], line: string, at: number | undefined, params: Params): Edited {
  const msg = 'line added'
  if (params.insertbefore === 'BOF' || params.insertafter === 'BOF') return { text: `${line}\n${lines.join('')}`, msg }
  if (at === undefined) return { text: `${unended(lines) ? `${lines.join('')}\n` : lines.join('')}${line}\n`, msg }
  if (params.insertafter !== undefined && at < lines.length && bare(lines[at]!) === line)
    return { text: lines.join(''), msg: '' }
  // A last line without its end would run into the new one.
  const whole = at === lines.length && unended(lines) ? lines.with(-1, ended(lines.at(-1)!)) : lines
  return { text: [...whole.slice(0, at), `${line}\n`, ...whole.slice(at)].join(''), msg }
}

const unended = (lines: readonly string[]): boolean => lines.length > 0 && !/[\n\r]$/.test(lines.at(-1)!)
