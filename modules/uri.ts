import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import {
  attributeParams,
  type Content,
  type Controller,
  curlConfig,
  defineModule,
  ENTER_OWN,
  exec,
  type Host,
  type HttpAccess,
  httpParams,
  makeOwn,
  PLACE,
  type Plan,
  Problem,
  printer,
  quote,
  type Reply,
  shownUrl,
  urlBasename,
  type WantedAttributes,
  wgetConfig,
} from 'tsplay'

interface Params extends HttpAccess, WantedAttributes {
  url: string
  method: string
  body?: unknown
  body_format: 'raw' | 'json' | 'form-urlencoded' | 'form-multipart'
  src?: string | undefined
  remote_src: boolean
  force: boolean
  unix_socket?: string | undefined
  headers: Record<string, string>
  status_code: number[]
  return_content: boolean
  dest?: string | undefined
  creates?: string | undefined
  removes?: string | undefined
  follow_redirects: string
}

export default defineModule({
  summary: 'Ask a web server, from the host.',
  description:
    'With curl, or wget for a plain GET. GET, HEAD and OPTIONS only look, in a dry run too; other methods, and dest, are left out of a dry run. ' +
    'Headers of the answer are in the result, in lower case, with underscores.',
  params: {
    type: 'object',
    properties: {
      url: { type: 'string', pattern: '^https?://', description: 'The address.' },
      method: { type: 'string', default: 'GET', pattern: '^[A-Za-z]+$', description: 'GET, POST, PUT, …' },
      body: { description: 'What to send: a text, or a value for the format.' },
      body_format: {
        enum: ['raw', 'json', 'form-urlencoded', 'form-multipart'],
        default: 'raw',
        description:
          'How the body is written; sets Content-Type. In form-multipart a field is a text, or a map of filename, content and mime_type: ' +
          'without content it is the file of that name.',
      },
      src: {
        type: 'string',
        description: 'A file to send as the body, of the controller; of the host with remote_src.',
      },
      remote_src: { type: 'boolean', default: false, description: 'Files to send are on the host.' },
      force: { type: 'boolean', default: false, description: 'Ask caches on the way for nothing they have kept.' },
      unix_socket: { type: 'string', format: 'path', description: 'Ask through this socket of the host.' },
      headers: {
        type: 'object',
        additionalProperties: { type: 'string' },
        default: {},
        description: 'Headers to send.',
      },
      status_code: {
        type: 'array',
        items: { type: 'integer' },
        default: [200],
        description: 'The answers that are right.',
      },
      return_content: { type: 'boolean', default: false, description: 'Put the body into content.' },
      dest: { type: 'string', format: 'path', description: 'Write the body to this file.' },
      creates: { type: 'string', format: 'path', description: 'Do nothing when this exists.' },
      removes: { type: 'string', format: 'path', description: 'Do nothing unless this exists.' },
      follow_redirects: {
        enum: ['safe', 'all', 'none', 'yes', 'no', 'urllib2'],
        default: 'safe',
        description: 'safe: those of GET and HEAD.',
      },
      ...httpParams,
      ...attributeParams,
      timeout: { ...httpParams.timeout, default: 30 },
    },
    required: ['url'],
    not: { required: ['src', 'body'] },
    additionalProperties: false,
  },
  volatile: true,
  onlyLooks: (params) => isLook(params as Params),
  returns: {
    status: "the server's answer, -1 when there was none",
    content: 'the body',
    json: 'the body, when it is JSON',
    url: 'where it ended',
    elapsed: 'seconds',
    msg: 'what went wrong, or OK and how many bytes',
    redirected: 'whether another address answered',
    cookies: 'what the server set, by name',
    cookies_string: 'the same as a Cookie header has it',
    path: 'the file that was written (dest)',
  },
  examples: [
    {
      title: 'Is the API ready',
      yaml: `- uri:\n    url: https://127.0.0.1:6443/readyz\n    ca_path: /etc/kubernetes/pki/ca.pem\n    return_content: true\n  register: ready\n  until: ready.status == 200\n  retries: 30\n  delay: 2`,
      cannotRun: 'needs a server',
    },
  ],
  async probe(host, given, controller) {
    const params = given as Params
    const [creates, removes, folder] = await Promise.all([
      exists(host, params.creates),
      exists(host, params.removes),
      params.dest === undefined ? null : host.stat(params.dest, { follow: true }),
    ])
    const dest =
      params.dest !== undefined && folder?.type === 'directory'
        ? posix.join(params.dest, urlBasename(params.url))
        : params.dest
    const body = await bodyOf(params, host, controller)
    const skipped = creates
      ? `skipped, since ${params.creates} exists`
      : removes === false
        ? `skipped, since ${params.removes} does not exist`
        : undefined
    const look = isLook(params) && body.send === undefined
    return {
      skipped,
      dest,
      body,
      reply:
        look && skipped === undefined ? await host.query(script(params, body, dest), { volatile: true }) : undefined,
    }
  },
  plan({ skipped, reply, dest, body }, given): Plan {
    const params = given as Params
    if (skipped !== undefined) return { result: { msg: skipped } }
    if (reply) {
      const { failed, ...result } = answer(reply, params, dest)
      return failed === undefined ? { result } : { failed, result }
    }
    const effects = dest === undefined ? [] : [{ file: { path: dest, type: 'file' as const } }]
    return {
      steps: [
        exec({
          show: `${params.method.toUpperCase()} ${shownUrl(params.url)}`,
          script: script(params, body, dest),
          effects,
          opaque: true,
          ...(body.send === undefined ? {} : { send: body.send }),
        }),
      ],
      repeats: true,
      ...(dest === undefined ? {} : { result: { path: dest } }),
    }
  },
  after(_host, plan, replies, given) {
    const dest = plan.result?.['path'] as string | undefined
    const { failed, ...result } = answer(replies[0]!, given as Params, dest)
    return failed === undefined
      ? { changed: false, ...result }
      : { changed: false, ...result, failed: true, msg: failed }
  },
})

const isLook = ({ method, dest }: Params): boolean => /^(GET|HEAD|OPTIONS)$/i.test(method) && dest === undefined

async function exists(host: Host, path: string | undefined): Promise<boolean | undefined> {
  return path === undefined ? undefined : (await host.stat(path, { follow: true })) !== null
}

const MARK = '\ntsplay-answer '

interface Body {
  readonly text?: string
  /** Bytes to send, or a file of the host. */
  readonly send?: Content
  readonly from?: string
  readonly type?: string
}

function script(params: Params, { text, send, from, type }: Body, dest: string | undefined): string {
  const method = params.method.toUpperCase()
  const named = Object.keys(params.headers).some((name) => name.toLowerCase() === 'content-type')
  const headers = {
    ...(type === undefined || named ? {} : { 'Content-Type': type }),
    ...(params.force ? { 'Cache-Control': 'no-cache' } : {}),
    ...params.headers,
  }
  const none = text === undefined && send === undefined && from === undefined
  const access = { ...params, headers }
  const follow =
    ['all', 'yes'].includes(params.follow_redirects) ||
    (['safe', 'urllib2'].includes(params.follow_redirects) && ['GET', 'HEAD'].includes(method))
  const more: [string, string?][] = [
    ['silent'],
    ['show-error'],
    ['max-time', String(params.timeout)],
    ['dump-header', '-'],
  ]
  if (follow) more.push(['location'])
  if (method === 'HEAD') more.push(['head'], ['output', '/dev/null'])
  else if (method !== 'GET' || !none) more.push(['request', method])
  if (text !== undefined) more.push(['data-raw', text])
  if (from !== undefined) more.push(['data-binary', `@${from}`])
  if (params.unix_socket !== undefined) more.push(['unix-socket', params.unix_socket])
  more.push(['write-out', `${MARK}%{http_code} %{size_header} %{num_redirects} %{time_total} %{url_effective}`])
  // By its number: where the file is, nobody else gets at it, whatever becomes of the folders above.
  if (dest !== undefined) more.push(['output', '/dev/fd/3'])
  const plain = method === 'GET' && none && dest === undefined && params.unix_socket === undefined
  // The file that was sent has a name of its own each time; an empty one is sent too.
  const sent = send === undefined ? '' : `; printf 'data-binary = "@%s"\\n' "$tsplay_body"`
  return `
${dest === undefined ? '' : begun(dest)}${send === undefined ? '' : 'tsplay_body=$1\n'}${printer('config', curlConfig(params.url, access, more)).replace(/; \}$/, `${sent}; }`)}
if command -v curl >/dev/null; then config | curl -K -; s=$?
else
  command -v wget >/dev/null || { echo "neither curl nor wget is on this host: install one" >&2; exit 90; }
  ${plain ? wget(access, params.url) : 'echo "this needs curl, which is not on this host: install it" >&2; exit 90'}
fi
${dest === undefined ? '' : placed(dest, params)}
exit $s`
}

function wget(access: HttpAccess, url: string): string {
  return `${printer('wgetrc', `${wgetConfig(access)}\ncontent_on_error = on`)}
  ${printer('address', url)}
  if ! wget --version 2>/dev/null | grep -q GNU; then echo "this host has only busybox wget, which does not say what the server answered: install curl" >&2; exit 90; fi
  rc=$(mktemp) || exit 1
  wgetrc >"$rc" || { rm -f -- "$rc"; exit 1; }
  address | WGETRC=$rc wget -q --save-headers -O - -i -; s=$?
  rm -f -- "$rc"
  printf '\\ntsplay-answer wget\\n'`
}

/** What comes goes to a folder of its own beside the target first. */
function begun(dest: string): string {
  return `from=$PWD
${makeOwn(quote(posix.dirname(dest)))}
${ENTER_OWN}
( umask 077; : >file ) && exec 3>file && cd -- "$from" || exit 1
`
}

/** What is there already keeps its owner and mode. */
function placed(dest: string, params: Params): string {
  const to = posix.isAbsolute(dest) ? quote(dest) : `"$from"/${quote(dest)}`
  const owner = ownership(params)
  const keep = `if [ -f ${to} ]; then chown -h -- "$(stat -L -c %u:%g -- ${to})" file 2>/dev/null; chmod "$(stat -L -c %a -- ${to})" file; else chmod 0644 file; fi`
  const into = `cat -- file >${to}`
  return `${PLACE}
look() { stat -c '%a %u %g' -- ${to} 2>/dev/null; }
if [ "$s" = 0 ]; then
  ${ENTER_OWN}
  new= on=${to} was=$(look)
  if ! [ -f ${to} ] || ! cmp -s -- file ${to}; then on=file new=1; ${keep}; fi
  ${owner === '' ? '' : `chown -h -- ${quote(owner)} "$on" || s=1`}
  ${params.mode === undefined ? '' : `chmod -- ${quote(params.mode)} "$on" || s=1`}
  if [ -n "$new" ]; then place file ${to} ${params.unsafe_writes ? `2>/dev/null || ${into} ` : ''}|| s=1; fi
  if [ -n "$new" ] || [ "$was" != "$(look)" ]; then printf ' new'; fi
fi`
}

const ownership = ({ owner = '', group }: Params): string => `${owner}${group === undefined ? '' : `:${group}`}`

async function bodyOf(params: Params, host: Host, controller: Controller): Promise<Body> {
  const { body, body_format: format, src } = params
  if (src !== undefined) {
    if (params.remote_src) return { from: src }
    const file = await controller.file(src, 'files')
    return {
      send: file.sealed ? await file.content() : { file: file.path, size: file.size, sha256: file.sha256 },
    }
  }
  if (body === undefined || body === null) return {}
  if (format === 'form-multipart') return multipart(body, params, host, controller)
  if (format === 'json')
    return { text: typeof body === 'string' ? body : JSON.stringify(body), type: 'application/json' }
  if (format === 'form-urlencoded') {
    if (typeof body === 'string') return { text: body, type: 'application/x-www-form-urlencoded' }
    const pairs = (Array.isArray(body) ? body : Object.entries(body)) as [string, unknown][]
    const form = new URLSearchParams()
    for (const [name, value] of pairs)
      for (const each of Array.isArray(value) ? value : [value]) form.append(String(name), String(each))
    return { text: form.toString(), type: 'application/x-www-form-urlencoded' }
  }
  return { text: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** A form with files in it, as browsers send it. The line between its parts is made of them, so that it is in none. */
async function multipart(body: unknown, params: Params, host: Host, controller: Controller): Promise<Body> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Problem('bad-parameter', 'With body_format form-multipart the body must be a map of fields.')
  const parts: Buffer[] = []
  for (const [name, field] of Object.entries(body)) {
    const map: Record<string, unknown> =
      typeof field === 'object' && field !== null ? (field as Record<string, unknown>) : { content: field }
    const { filename, content, mime_type: type } = map
    if (filename === undefined && content === undefined)
      throw new Problem('bad-parameter', `The field "${name}" of the form has neither filename nor content.`)
    const bytes =
      content === undefined ? await fileOf(String(filename), params, host, controller) : Buffer.from(String(content))
    const file = filename === undefined ? '' : `; filename="${escaped(posix.basename(String(filename)))}"`
    const kind = type ?? (filename === undefined ? undefined : 'application/octet-stream')
    parts.push(
      Buffer.concat([
        Buffer.from(`Content-Disposition: form-data; name="${escaped(name)}"${file}\r\n`),
        Buffer.from(kind === undefined ? '\r\n' : `Content-Type: ${escaped(String(kind))}\r\n\r\n`),
        bytes,
        Buffer.from('\r\n'),
      ]),
    )
  }
  const boundary = `tsplay-${createHash('sha256').update(Buffer.concat(parts)).digest('hex')}`
  const line = Buffer.from(`--${boundary}\r\n`)
  return {
    send: Buffer.concat([...parts.flatMap((part) => [line, part]), Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  }
}

async function fileOf(name: string, params: Params, host: Host, controller: Controller): Promise<Buffer> {
  if (!params.remote_src) return (await controller.file(name, 'files')).content()
  const content = await host.content(name)
  if (content === null) throw new Problem('task-failed', `There is no file ${name} on the host to send.`)
  return content
}

/** As browsers write a name in a form's header. */
const escaped = (text: string) => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

interface Answer {
  failed?: string
  [name: string]: unknown
}

/** What came back, as Ansible's result. */
function answer(reply: Reply, params: Params, dest: string | undefined): Answer {
  const error = reply.stderr.toString('utf8').trim().split('\n').at(-1) ?? ''
  if (reply.status === 90) throw new Problem('task-failed', `${shownUrl(params.url)} cannot be asked: ${error}.`)
  const at = reply.stdout.lastIndexOf(MARK)
  const [code = '', size = '', redirects = '', elapsed = '', url = '', fresh] =
    at < 0
      ? []
      : reply.stdout
          .subarray(at + MARK.length)
          .toString('utf8')
          .trim()
          .split(' ')
  const all = at < 0 ? reply.stdout : reply.stdout.subarray(0, at)
  const wgetHead = code === 'wget' ? all.indexOf('\r\n\r\n') + 4 : 0
  const cut = code === 'wget' ? Math.max(wgetHead, 0) : Number(size)
  const head = all.subarray(0, cut).toString('latin1')
  const status = code === 'wget' ? Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1] ?? 0) : Number(code)
  const headers = headersOf(head)
  const result: Record<string, unknown> = {
    ...headers,
    url: shownUrl(code === 'wget' || url === '' ? params.url : url),
    status: status === 0 ? -1 : status,
    elapsed: Math.floor(Number(elapsed) || 0),
    redirected: Number(redirects) > 0,
    ...cookiesOf(head),
  }
  const phrase = /.*HTTP\/\S+ \d+ ?([^\r\n]*)/s.exec(head)?.[1] ?? ''
  if (reply.status !== 0 && status === 0) {
    return {
      ...result,
      failed: `Status code was -1 and not [${params.status_code.join(', ')}]: Request failed: ${error || `status ${reply.status}`}`,
    }
  }
  const right = params.status_code.includes(status)
  const content = all.subarray(cut).toString('utf8')
  if (params.return_content || !right) result.content = content
  if (/[/+]json/.test(String(headers.content_type ?? ''))) {
    const json = parsed(content)
    if (json !== undefined) result.json = json
  }
  if (dest !== undefined) Object.assign(result, { path: dest, changed: fresh === 'new' })
  // From where it was asked; servers may leave that out.
  if (typeof headers['location'] === 'string') result.location = new URL(headers['location'], url || params.url).href
  result.msg = right ? `OK (${all.length - cut} bytes)` : ''
  return right
    ? result
    : {
        ...result,
        failed: `Status code was ${status} and not [${params.status_code.join(', ')}]: HTTP Error ${status}: ${phrase}`,
      }
}

/** What all the answers on the way have set. */
function cookiesOf(head: string): { cookies: Record<string, string>; cookies_string: string } {
  const set = [...head.matchAll(/^set-cookie:[ \t]*([^=;\r\n]+)=([^;\r\n]*)/gim)].map(([, name, value]) => [
    name!.trim(),
    value!.trim(),
  ])
  const cookies: Record<string, string> = Object.fromEntries(set)
  const words = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
  return { cookies, cookies_string: words.join('; ') }
}

/** Of the last answer, when there were redirects. */
function headersOf(text: string): Record<string, string> {
  const last =
    text
      .trimEnd()
      .split(/\r?\n\r?\n/)
      .at(-1) ?? ''
  const headers: Record<string, string> = {}
  for (const line of last.split(/\r?\n/).slice(1)) {
    const match = /^([^:\s]+):\s*(.*)$/.exec(line)
    if (!match) continue
    const name = match[1]!.toLowerCase().replaceAll('-', '_')
    headers[name] = name in headers ? `${headers[name]}, ${match[2]}` : match[2]!
  }
  return headers
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Announced as JSON, but it is not: the text itself is in content.
    return undefined
  }
}
