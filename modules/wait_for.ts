import { isIPv4, isIPv6 } from 'node:net'
import { bytewise, defineModule, type Host, type Plan, pythonRegExp, quote, unbytewise } from 'tsplay'

interface Params {
  host: string
  port?: number | undefined
  path?: string | undefined
  state: 'started' | 'stopped' | 'present' | 'absent' | 'drained'
  search_regex?: string | undefined
  timeout: number
  delay: number
  sleep: number
  connect_timeout: number
  msg?: string | undefined
  exclude_hosts: string[]
  active_connection_states: (keyof typeof CONNECTIONS)[]
}

/** As the kernel's tables name them. */
const CONNECTIONS = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
  CLOSE_WAIT: '08',
  LAST_ACK: '09',
  CLOSING: '0B',
} as const

export default defineModule({
  summary: 'Wait until a port or a file is there, or gone.',
  description:
    'One loop on the host, one round trip. Ports are tried with bash, nc or curl, whichever the host has. ' +
    'A dry run looks once and does not wait. With neither port nor path it waits for timeout seconds.',
  params: {
    type: 'object',
    properties: {
      host: {
        type: 'string',
        default: '127.0.0.1',
        description:
          'Where the port is, seen from the host. drained: connections to this address of its own; 0.0.0.0 and :: are all.',
      },
      port: { type: 'integer', minimum: 1, maximum: 65535, description: 'The port.' },
      path: { type: 'string', format: 'path', description: 'The file, instead of a port.' },
      state: {
        enum: ['started', 'stopped', 'present', 'absent', 'drained'],
        default: 'started',
        description: 'started, present: answers, is there. stopped, absent: does not. drained: no connection is open.',
      },
      search_regex: {
        type: 'string',
        format: 'regexp',
        description:
          "A pattern of Python's to be found in the file, or in what the port says; line by line, unless \\n stands in it. One that grep -E does not know needs a grep with -P.",
      },
      timeout: { type: 'integer', minimum: 0, default: 300, description: 'Seconds, then it fails.' },
      delay: { type: 'integer', minimum: 0, default: 0, description: 'Seconds before the first look.' },
      sleep: { type: 'integer', minimum: 1, default: 1, description: 'Seconds between looks.' },
      connect_timeout: { type: 'integer', minimum: 1, default: 5, description: 'Seconds for one try to connect.' },
      msg: { type: 'string', description: 'What to say when it fails.' },
      exclude_hosts: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Addresses whose connections do not count (drained).',
      },
      active_connection_states: {
        type: 'array',
        items: { enum: Object.keys(CONNECTIONS) as (keyof typeof CONNECTIONS)[] },
        default: ['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'],
        description: 'Connections in these states count (drained).',
      },
    },
    not: { required: ['port', 'path'] },
    additionalProperties: false,
  },
  volatile: true,
  onlyLooks: true,
  returns: {
    elapsed: 'seconds it waited',
    state: 'as asked',
    port: 'as asked',
    path: 'as asked',
    match_groups: 'what the groups of search_regex caught',
    match_groupdict: 'the same, of those that have a name',
  },
  examples: [
    { title: 'A server answers', yaml: `- wait_for: {port: 2379, timeout: 60}`, cannotRun: 'needs a server' },
    {
      title: 'A file is there',
      given: `- copy: {dest: /tmp/tsplay-flag, content: "ready\\n"}`,
      yaml: `- wait_for: {path: /tmp/tsplay-flag, search_regex: ready, timeout: 5}`,
    },
  ],
  async probe(host, given, controller) {
    const params = given as Params
    // A grep that does not know the pattern would be waited for until the end.
    if (params.search_regex !== undefined) patternOf(params.search_regex)
    const now = controller.checking ? { ...params, delay: 0, timeout: 0 } : params
    const ends = params.state === 'drained' ? await endsOf(host, params) : undefined
    if (Array.isArray(ends)) return { reply: null, unknown: ends }
    return { reply: await host.query(script(now, ends), { volatile: true }) }
  },
  plan({ reply, unknown }, given): Plan {
    const params = given as Params
    if (reply === null) return { failed: `The host knows no address of ${unknown.join(', ')}.` }
    const said = reply.stdout.toString('latin1')
    const elapsed = Number.parseInt(said, 10) || 0
    const result = {
      elapsed,
      // Of a path, what is there then.
      state: (reply.status === 0 && reply.stderr.toString('utf8').trim()) || params.state,
      port: params.port,
      path: params.path,
      search_regex: params.search_regex,
      ...groupsIn(said.slice(said.indexOf(':') + 1), said.includes(':') ? params.search_regex : undefined),
    }
    if (reply.status === 0) return { result }
    if (reply.status === 1) return { failed: params.msg ?? late(params), result }
    return {
      failed: reply.stderr.toString('utf8').trim() || `The look itself failed with status ${reply.status}.`,
      result,
    }
  },
})

function late(params: Params): string {
  const what = params.path ?? `${params.host}:${params.port}`
  const words = {
    started: params.path === undefined ? what : `file ${what}`,
    present: params.path === undefined ? what : `file ${what}`,
    stopped: `${what} to stop.`,
    absent: params.path === undefined ? `${what} to stop.` : `${what} to be absent.`,
    drained: `${what} to drain`,
  }
  const search = params.search_regex !== undefined && ['started', 'present'].includes(params.state)
  return `Timeout when waiting for ${search ? `search string ${params.search_regex} in ${what}` : words[params.state]}`
}

/** Status 0: it came about; 1: it did not in time; 2: it cannot be looked at. Prints the seconds. */
function script(params: Params, ends: Ends | undefined): string {
  const nothing = params.port === undefined && params.path === undefined
  return `
now() { if read -r up _ 2>/dev/null </proc/uptime; then t=\${up%%.*}; else t=$(date +%s); fi; }
now; start=$t found=
${params.delay > 0 ? `sleep ${params.delay}` : ''}
${nothing ? `sleep ${params.timeout}; now; echo $((t-start)); exit 0` : holds(params, ends)}
while :; do
  if holds; then now; echo $((t-start)); printf '%s' "$found"; ${kind(params)}exit 0; fi
  now; if [ $((t-start)) -ge ${params.timeout + params.delay} ]; then echo $((t-start)); exit 1; fi
  sleep ${params.sleep}
done`
}

/** Tells, beside the seconds, what is at the path. */
function kind({ path, state }: Params): string {
  if (path === undefined || !['started', 'present'].includes(state)) return ''
  const at = quote(path)
  return `if [ -L ${at} ]; then echo link; elif [ -d ${at} ]; then echo directory; elif [ -e ${at} ]; then echo file; fi >&2; `
}

const patternOf = (pattern: string) => pythonRegExp(pattern, 'search_regex', { flags: 'm' })

/** What is found is one line, of which no more is looked at than this. */
const SHORT = `tr '\\000' '\\n' | head -c 65536`

/** What finds the first line (`12:line`), and what ends the waiting where the host's grep cannot. */
function grep(pattern: string): [words: string, trial: string] {
  const flags = /\\[nr]|\n/.test(pattern) ? '-Pzo' : isExtended(pattern) ? '-E' : '-P'
  const own = flags === '-E' ? pattern.replaceAll('\\d', '[0-9]') : flags === '-Pzo' ? `(?m)${pattern}` : pattern
  const words = `grep -a -n -m 1 ${flags} -e ${quote(own)}`
  return [
    words,
    `said=$(echo | ${words} 2>&1 >/dev/null) || [ $? = 1 ] || { printf '%s\\n' "the host cannot look for this pattern: $said" >&2; exit 2; }`,
  ]
}

/** Nothing in it that only Python's own patterns have. */
function isExtended(pattern: string): boolean {
  const classes = /\[\^?\]?[^\]]*\]/g
  const bare = pattern.replace(/\\[dwsbWSB.^$*+?()[\]{}|/-]/g, 'x').replace(classes, 'x')
  // In a class of grep -E a backslash is a backslash.
  return !/\(\?|[*+?}][?+]|\\/.test(bare) && !(pattern.match(classes) ?? []).some((one) => one.includes('\\'))
}

function groupsIn(line: string, pattern: string | undefined): Record<string, unknown> {
  const match = pattern === undefined ? null : patternOf(pattern).exec(bytewise(Buffer.from(line, 'latin1')))
  const text = (caught: string | undefined) => (caught === undefined ? null : unbytewise(caught).toString())
  return {
    match_groups: match ? match.slice(1).map(text) : [],
    match_groupdict: Object.fromEntries(
      Object.entries(match?.groups ?? {}).map(([name, caught]) => [name, text(caught)]),
    ),
  }
}

function holds(params: Params, ends: Ends | undefined): string {
  const pattern = params.search_regex
  const wanted = ['started', 'present'].includes(params.state)
  if (ends) return drained(params, ends)
  if (params.path !== undefined) {
    const path = quote(params.path)
    if (!wanted) return `holds() { [ ! -e ${path} ] && [ ! -L ${path} ]; }`
    if (pattern === undefined) return `holds() { [ -e ${path} ]; }`
    const [words, trial] = grep(pattern)
    return `${trial}\nholds() { [ -e ${path} ] && found=$(${words} -- ${path} 2>/dev/null | ${SHORT}) && [ -n "$found" ]; }`
  }
  const [host, port, seconds] = [quote(params.host), params.port, params.connect_timeout]
  if (wanted && pattern !== undefined) {
    const [words, trial] = grep(pattern)
    return `if ! command -v bash >/dev/null; then echo "search_regex with a port needs bash on the host" >&2; exit 2; fi
${trial}
holds() { found=$(timeout ${seconds} bash -c 'exec 3<>"/dev/tcp/$1/$2" && exec cat <&3' bash ${host} ${port} 2>/dev/null | ${words} | ${SHORT}) && [ -n "$found" ]; }`
  }
  return `
if command -v bash >/dev/null && command -v timeout >/dev/null; then open() { timeout ${seconds} bash -c ': <>"/dev/tcp/$1/$2"' bash ${host} ${port} 2>/dev/null; }
elif command -v nc >/dev/null; then open() { nc -w ${seconds} ${host} ${port} </dev/null >/dev/null 2>&1; }
elif command -v curl >/dev/null; then open() { curl -s --connect-timeout ${seconds} -m ${seconds} telnet://${host}:${port} </dev/null >/dev/null 2>&1; case $? in 6|7) return 1 ;; esac; }
else echo "none of bash, nc and curl is on this host: one is needed to try a port" >&2; exit 2
fi
holds() { ${wanted ? 'open' : '! open'}; }`
}

/** The addresses of both ends of a connection that counts, as the kernel's tables write them. */
interface Ends {
  /** undefined: every one of the host's. */
  readonly local: readonly string[] | undefined
  readonly excluded: readonly string[]
}

/** Names are looked up on the host; those that it does not know are given instead. */
async function endsOf(host: Host, params: Params): Promise<Ends | string[]> {
  const [local, ...excluded] = await Promise.all(
    [params.host, ...params.exclude_hosts].map((name) => addresses(host, name)),
  )
  const unknown = [params.host, ...params.exclude_hosts].filter(
    (_, index) => [local!, ...excluded][index]!.length === 0,
  )
  if (unknown.length > 0) return unknown
  const every = local!.some((address) => /^(0\.0\.0\.0|::|::ffff:0\.0\.0\.0)$/i.test(address))
  return { local: every ? undefined : local!.flatMap(inTables), excluded: excluded.flat().flatMap(inTables) }
}

async function addresses(host: Host, name: string): Promise<string[]> {
  if (isIPv4(name) || isIPv6(name)) return [name]
  const { stdout } = await host.query(`getent ahosts ${quote(name)} || getent hosts ${quote(name)} || :`, {
    volatile: true,
  })
  const found = stdout
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
  return [...new Set(found)].filter((address) => isIPv4(address) || isIPv6(address))
}

/** No connection to the port but listening ones, as the kernel's tables have it. */
function drained(params: Params, { local, excluded }: Ends): string {
  const port = (params.port ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const here = local === undefined ? `*:${port}` : local.map((hex) => `${hex}:${port}`).join('|')
  return `holds() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while read -r _ local remote state _; do
      case $local in ${here}) ;; *) continue ;; esac
      case $state in ${params.active_connection_states.map((name) => CONNECTIONS[name]).join('|') || '-'}) ;; *) continue ;; esac
      ${excluded.length === 0 ? '' : `case $remote in ${excluded.map((hex) => `${hex}:*`).join('|')}) continue ;; esac`}
      return 1
    done <"$table"
  done
}`
}

/** An address of IPv4 stands in the table of IPv6 too, where a program listens to both. */
function inTables(address: string): string[] {
  if (isIPv4(address)) {
    const hex = words(address.split('.').map(Number))
    return [hex, `0000000000000000FFFF0000${hex}`]
  }
  const [, start = '', tail] = /^(.*?)((?:\d+\.){3}\d+)?$/.exec(address.replace(/%.*/, ''))!
  const last = tail?.split('.').map(Number) ?? []
  const [before = '', after] = start.split('::').map((half) => half.replace(/:$/, ''))
  const bytes = (half = '') =>
    half
      .split(':')
      .filter(Boolean)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  const [head, rest] = [bytes(before), [...bytes(after), ...last]]
  return [words([...head, ...Array<number>(16 - head.length - rest.length).fill(0), ...rest])]
}

/** Each four bytes as the number that they are to a machine whose lowest byte comes first. */
function words(bytes: readonly number[]): string {
  const hex = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
  return hex.map((_, index) => hex[index - (index % 4) + 3 - (index % 4)]).join('')
}
