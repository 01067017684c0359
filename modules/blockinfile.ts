import {
  bytewise,
  defineModule,
  type Edited,
  type EditParams,
  editParams,
  lookAtEdit,
  planEdit,
  pythonRegExp,
} from 'tsplay'

interface Params extends EditParams {
  state: 'present' | 'absent'
  block: string
  marker: string
  marker_begin: string
  marker_end: string
  insertafter?: string | undefined
  insertbefore?: string | undefined
  append_newline: boolean
  prepend_newline: boolean
}

export default defineModule({
  summary: 'Make a block of lines, between two marker lines, be in a file, or not.',
  params: {
    type: 'object',
    properties: {
      ...editParams,
      block: {
        type: 'string',
        binary: true,
        default: '',
        aliases: ['content'],
        description: 'The lines. None: the block is taken out.',
      },
      marker: {
        type: 'string',
        format: 'line',
        pattern: '\\{mark\\}',
        default: '# {mark} ANSIBLE MANAGED BLOCK',
        description: 'The marker lines; {mark} becomes marker_begin or marker_end.',
      },
      marker_begin: { type: 'string', format: 'line', default: 'BEGIN' },
      marker_end: { type: 'string', format: 'line', default: 'END' },
      insertafter: {
        type: 'string',
        format: 'regexp',
        description: 'EOF, or a pattern: a new block goes after the last line it finds. Default: EOF.',
      },
      insertbefore: {
        type: 'string',
        format: 'regexp',
        description: 'BOF, or a pattern: a new block goes before the last line it finds.',
      },
      append_newline: {
        type: 'boolean',
        default: false,
        description: 'An empty line after the block, unless one is there.',
      },
      prepend_newline: {
        type: 'boolean',
        default: false,
        description: 'An empty line before the block, unless one is there.',
      },
    },
    required: ['path'],
    additionalProperties: false,
    not: { required: ['insertbefore', 'insertafter'] },
  },
  returns: { msg: 'what was done', backup_file: 'where the old file was kept' },
  examples: [
    {
      title: 'Names of the cluster',
      given: `- copy: {dest: /tmp/tsplay-hosts, content: "127.0.0.1 localhost\\n"}`,
      yaml: `- blockinfile:\n    path: /tmp/tsplay-hosts\n    block: |\n      192.168.1.26 k8s-master-1\n      192.168.1.28 k8s-master-2`,
    },
  ],
  contained: true,
  async probe(host, given, controller) {
    const params = given as Params
    return lookAtEdit(host, params, controller.checking, (text) => edit(text, params))
  },
  plan(state) {
    return planEdit(state, 'backup_file')
  },
})

function edit(text: string | undefined, params: Params): Edited {
  const present = params.state === 'present'
  if (text === undefined && !present) return { text: undefined, msg: `File ${params.path} not present` }
  const lines = linesOf(text ?? '')
  const markers = [params.marker_begin, params.marker_end].map((mark) =>
    bytewise(`${params.marker.replaceAll('{mark}', mark)}\n`),
  )
  const block = bytewise(params.block)
  const blockLines =
    present && block !== '' ? [markers[0]!, ...linesOf(block.endsWith('\n') ? block : `${block}\n`), markers[1]!] : []
  const begin = lines.lastIndexOf(markers[0]!)
  const end = lines.lastIndexOf(markers[1]!)
  let at: number
  if (begin < 0 || end < 0) at = placeFor(text ?? '', lines, params)
  else {
    at = Math.min(begin, end)
    lines.splice(at, Math.abs(end - begin) + 1)
  }
  if (at > 0 && !lines[at - 1]!.endsWith('\n')) lines[at - 1] += '\n'
  if (blockLines.length > 0) {
    if (params.prepend_newline && at > 0 && lines[at - 1] !== '\n') blockLines.unshift('\n')
    if (params.append_newline && at < lines.length && lines[at] !== '\n') blockLines.push('\n')
  }
  lines.splice(at, 0, ...blockLines)
  const msg = text === undefined ? 'File created' : blockLines.length === 0 ? 'Block removed' : 'Block inserted'
  return { text: lines.join(''), msg }
}

/** Before which line a new block goes. */
function placeFor(text: string, lines: readonly string[], params: Params): number {
  const { insertafter: after, insertbefore: before } = params
  const wanted =
    after !== undefined && after !== 'EOF' ? after : before !== undefined && before !== 'BOF' ? before : undefined
  if (wanted === undefined) return before === 'BOF' ? 0 : lines.length
  const pattern = pythonRegExp(wanted, after === wanted ? 'insertafter' : 'insertbefore')
  let found: number | undefined
  if (pattern.multiline) {
    const match = pattern.exec(text)
    if (match)
      found = text.slice(0, after === undefined ? match.index : match.index + match[0].length).split('\n').length - 1
  } else {
    const index = lines.findLastIndex((line) => pattern.test(line))
    if (index >= 0) found = index
  }
  if (found === undefined) return lines.length
  return after === undefined ? found : found + 1
}

/** Lines with their ends: LF, CR LF or CR. */
const linesOf = (text: string): string[] => text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []
