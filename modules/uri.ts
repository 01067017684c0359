import {
  curlConfig,
  defineModule,
  exec,
  type Host,
  type HttpAccess,
  httpParams,
  type Plan,
  Problem,
  printer,
  quote,
  type Reply,
  shownUrl,
  wgetConfig,
} from 'tsplay'

interface Params extends HttpAccess {
  url: string
  method: string
  body?: unknown
  body_format: 'raw' | 'json' | 'form-urlencoded'
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
        enum: ['raw', 'json', 'form-urlencoded'],
        default: 'raw',
        description: 'How the body is written; sets Content-Type.',
      },
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
      timeout: { ...httpParams.timeout, default: 30 },
    },
    required: ['url'],
    additionalProperties: false,
  },
  volatile: true,
  returns: {
    status: "the server's answer, -1 when there was none",
    content: 'the body',
    json: 'the body, when it is JSON',
    url: 'where it ended',
    elapsed: 'seconds',
    msg: 'what went wrong',
  },
  examples: [
    {
      title: 'Is the API ready',
      yaml: `- uri:\n    url: https://127.0.0.1:6443/readyz\n    ca_path: /etc/kubernetes/pki/ca.pem\n    return_content: true\n  register: ready\n  until: ready.status == 200\n  retries: 30\n  delay: 2`,
      cannotRun: 'needs a server',
    },
  ],
  async probe(host, given) {
    const params = given as Params
    const [creates, removes] = await Promise.all([exists(host, params.creates), exists(host, params.removes)])
    const skipped = creates
      ? `skipped, since ${params.creates} exists`
      : removes === false
        ? `skipped, since ${params.removes} does not exist`
        : undefined
    const look = /^(GET|HEAD|OPTIONS)$/i.test(params.method) && params.dest === undefined
    return {
      skipped,
      reply: look && skipped === undefined ? await host.query(script(params), { volatile: true }) : undefined,
    }
  },
  plan({ skipped, reply }, given): Plan {
    const params = given as Params
    if (skipped !== undefined) return { result: { msg: skipped } }
    if (reply) {
      const { failed, ...result } = answer(reply, params)
      return failed === undefined ? { result } : { failed, result }
    }
    const effects = params.dest === undefined ? [] : [{ file: { path: params.dest, type: 'file' as const } }]
    return {
      steps: [
        exec({
          show: `${params.method.toUpperCase()} ${shownUrl(params.url)}`,
          script: script(params),
          effects,
          opaque: true,
        }),
      ],
      repeats: true,
    }
  },
  after(_host, _plan, replies, given) {
    const { failed, ...result } = answer(replies[0]!, given as Params)
    return failed === undefined
      ? { changed: false, ...result }
      : { changed: false, ...result, failed: true, msg: failed }
  },
})

async function exists(host: Host, path: string | undefined): Promise<boolean | undefined> {
  return path === undefined ? undefined : (await host.stat(path, { follow: true })) !== null
}

const MARK = '\ntsplay-answer '

function script(params: Params): string {
  const method = params.method.toUpperCase()
  const { text, type } = bodyOf(params)
  const named = Object.keys(params.headers).some((name) => name.toLowerCase() === 'content-type')
  const headers = { ...(type === undefined || named ? {} : { 'Content-Type': type }), ...params.headers }
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
  else if (method !== 'GET' || text !== undefined) more.push(['request', method])
  if (text !== undefined) more.push(['data-raw', text])
  more.push(['write-out', `${MARK}%{http_code} %{size_header} %{num_redirects} %{time_total} %{url_effective}`])
  const part = params.dest === undefined ? undefined : `${params.dest}.tsplay-part`
  if (part !== undefined) more.push(['output', part])
  const plain = method === 'GET' && text === undefined && part === undefined
  return `
${printer('config', curlConfig(params.url, access, more))}
if command -v curl >/dev/null; then config | curl -K -; s=$?
else
  command -v wget >/dev/null || { echo "neither curl nor wget is on this host: install one" >&2; exit 90; }
  ${plain ? wget(access, params.url) : 'echo "this needs curl, which is not on this host: install it" >&2; exit 90'}
fi
${part === undefined ? '' : moved(part, params)}
exit $s`
}

function wget(access: HttpAccess, url: string): string {
  return `${printer('wgetrc', `${wgetConfig(access)}\ncontent_on_error = on`)}
  ${printer('address', url)}
  if ! wget --version 2>/dev/null | grep -q GNU; then echo "this host has only busybox wget, which does not say what the server answered: install curl" >&2; exit 90; fi
  rc=$(mktemp) || exit 1
  wgetrc >"$rc"
  address | WGETRC=$rc wget -q --save-headers -O - -i -; s=$?
  rm -f -- "$rc"
  printf '\\ntsplay-answer wget\\n'`
}

function moved(part: string, params: Params): string {
  const [from, to] = [quote(part), quote(params.dest!)]
  return `if [ "$s" = 0 ]; then
  if [ -f ${to} ] && cmp -s -- ${from} ${to}; then rm -f -- ${from}; else mv -f -- ${from} ${to} || s=1; printf ' new'; fi
else rm -f -- ${from}; fi`
}

function bodyOf(params: Params): { text?: string; type?: string } {
  const { body, body_format: format } = params
  if (body === undefined || body === null) return {}
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

interface Answer {
  failed?: string
  [name: string]: unknown
}

/** What came back, as Ansible's result. */
function answer(reply: Reply, params: Params): Answer {
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
  if (params.dest !== undefined) Object.assign(result, { path: params.dest, changed: fresh === 'new' })
  result.msg = right ? `OK (${all.length - cut} bytes)` : ''
  return right
    ? result
    : {
        ...result,
        failed: `Status code was ${status} and not [${params.status_code.join(', ')}]: HTTP Error ${status}: ${phrase}`,
      }
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
