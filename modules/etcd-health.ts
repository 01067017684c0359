import { content, defineModule, type Host, isUnknown, pki, quote } from 'tsplay'

interface Params {
  endpoints: string[]
  cacert?: string
  cert?: string
  key?: string
  etcdctl: string
  tolerate?: number
  max_raft_lag: number
  max_db_size?: number | string
  command_timeout: number
  timeout: number
  interval: number
}

/** One member, as the cluster lists it and as it says of itself. */
interface Member {
  /** Hex; null for an endpoint that never said who it is. */
  id: string | null
  name: string | null
  peer_urls: string[]
  client_urls: string[]
  /** The endpoint it was asked at; null: it was not asked. */
  endpoint: string | null
  learner: boolean
  leader: boolean
  version: string | null
  /** Bytes. */
  db_size: number | null
  raft_index: number | null
  raft_applied: number | null
  /** null: it was not asked. */
  healthy: boolean | null
  error: string | null
}

interface Cluster {
  members: Member[]
  /** Ids in hex, as each endpoint that answers sees them. */
  clusterIds: string[]
  leaders: string[]
  alarms: { member: string; alarm: string }[]
  /** Whether the cluster listed its members. */
  listed: boolean
}

interface State {
  status: number
  output: string
  /** What is wrong with the certificate shown to the members; looked at only when one does not answer. */
  doubt?: string | undefined
}

const MARK = '#tsplay '
const ALARMS: Readonly<Record<string, string>> = { '1': 'NOSPACE', '2': 'CORRUPT' }

export default defineModule({
  summary: 'Check that an etcd cluster is healthy, as one of its members sees it.',
  description:
    'Asks through etcdctl on the host: every endpoint answers, all are one cluster with one leader and a quorum, no ' +
    'alarm is raised, no member lags behind, no database is too large. With `tolerate`, members may be down as long as the cluster keeps ' +
    'its quorum with that many more gone. All of it, the waiting too, is one round trip.',
  volatile: true,
  params: {
    type: 'object',
    properties: {
      endpoints: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        default: ['https://127.0.0.1:2379'],
        description: 'The URLs of the members to ask.',
      },
      cacert: {
        type: 'string',
        format: 'path',
        description: "The authority that signed the members' certificates, on the host.",
      },
      cert: { type: 'string', format: 'path', description: 'The certificate to show them.' },
      key: { type: 'string', format: 'path', description: 'Its private key.' },
      etcdctl: { type: 'string', default: 'etcdctl', description: 'The program, 3.4 or later.' },
      tolerate: {
        type: 'integer',
        minimum: 0,
        description:
          'Fail unless there is a quorum with so many more members gone. Without it, every endpoint must answer.',
      },
      max_raft_lag: {
        type: 'integer',
        minimum: 0,
        default: 1000,
        description: 'Entries a member may be behind the leader.',
      },
      max_db_size: {
        type: ['integer', 'string'],
        pattern: '^[0-9]+(\\.[0-9]+)?\\s*[KMGT]?(i?B)?$',
        description: 'How large a database may be: bytes, or 2GiB, 500MiB.',
      },
      command_timeout: {
        type: 'integer',
        minimum: 1,
        default: 5,
        description: 'Seconds that a member may take to answer.',
      },
      timeout: { type: 'integer', minimum: 0, default: 0, description: 'Seconds to wait for it to become healthy.' },
      interval: { type: 'integer', minimum: 1, default: 2, description: 'Seconds between two looks while waiting.' },
    },
    dependentRequired: { cert: ['key'], key: ['cert'] },
    additionalProperties: false,
  },
  returns: {
    healthy: 'whether all of it is well',
    members:
      'id (hex), name, peer_urls, client_urls, endpoint, learner, leader, version, db_size, raft_index, raft_applied, healthy, error',
    leader: "the leader's name",
    quorum: 'how many voting members the cluster needs',
    alarms: 'member and alarm',
  },
  examples: [
    {
      title: 'The cluster is well',
      yaml: `- etcd-health:\n    endpoints: ["https://192.168.1.26:2379", "https://192.168.1.28:2379", "https://192.168.1.29:2379"]\n    cacert: /etc/kubernetes/pki/etcd/ca.crt\n    cert: /etc/kubernetes/pki/etcd/server.crt\n    key: /etc/kubernetes/pki/etcd/server.key`,
      cannotRun: 'it needs a running etcd cluster',
    },
    {
      title: 'One more member may be stopped',
      yaml: `- etcd-health:\n    endpoints: ["http://127.0.0.1:2379", "http://127.0.0.1:22379", "http://127.0.0.1:32379"]\n    tolerate: 1\n    timeout: 60`,
      cannotRun: 'it needs a running etcd cluster',
    },
  ],
  async probe(host, given): Promise<State> {
    const reply = await host.query(scriptFor(given as Params), { volatile: true })
    const output = `${reply.stdout.toString('utf8')}${reply.stderr.toString('utf8')}`
    const doubt = /"health": *false/.test(output) ? await doubtOf(host, given as Params) : undefined
    return { status: reply.status, output, doubt }
  },
  plan(state, given) {
    const params = given as Params
    const cannot = unable(state, params)
    if (cannot) return { ...cannot, result: { healthy: false, members: [], leader: null, quorum: null } }
    const cluster = readCluster(state.output, params.endpoints, state.doubt)
    const { faults, warnings, quorum } = judge(cluster, params)
    const leader = cluster.members.find((member) => member.leader)
    const result = {
      healthy: faults.length === 0,
      members: cluster.members,
      leader: leader ? nameOf(leader) : null,
      quorum,
      alarms: cluster.alarms,
    }
    if (faults.length === 0) return { result, warnings }
    return { failed: `etcd is not healthy: ${faults.join('; ')}.`, hint: hintFor(faults.join(' ')), result }
  },
})

function scriptFor(params: Params): string {
  const flags = [
    `--endpoints=${params.endpoints.join(',')}`,
    `--dial-timeout=${Math.min(params.command_timeout, 2)}s`,
    `--command-timeout=${params.command_timeout}s`,
    ...(params.cacert === undefined ? [] : [`--cacert=${params.cacert}`]),
    ...(params.cert === undefined ? [] : [`--cert=${params.cert}`]),
    ...(params.key === undefined ? [] : [`--key=${params.key}`]),
  ]
  const files = [params.cacert, params.cert, params.key].filter((file) => file !== undefined)
  // While waiting, as many healthy endpoints as the verdict will ask for, as far as that is known beforehand.
  const enough =
    params.tolerate === undefined
      ? params.endpoints.length
      : Math.min(params.endpoints.length, Math.floor(params.endpoints.length / 2) + 1 + params.tolerate)
  return `c=${quote(params.etcdctl)}
command -v "$c" >/dev/null 2>&1 || exit 41
for f in ${files.map(quote).join(' ')}; do [ -r "$f" ] || { echo "$f"; exit 42; }; done
unset ETCDCTL_ENDPOINTS ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY ETCDCTL_DIAL_TIMEOUT ETCDCTL_COMMAND_TIMEOUT ETCDCTL_WRITE_OUT ETCDCTL_USER
export ETCDCTL_API=3
e() { "$c" ${flags.map(quote).join(' ')} -w json "$@" 2>&1 </dev/null; }
end=$(($(date +%s) + ${params.timeout}))
while :; do
  h=$(e endpoint health)
  n=$(printf '%s' "$h" | grep -o '"health": *true' | grep -c .)
  [ "$n" -ge ${enough} ] || [ "$(date +%s)" -ge "$end" ] && break
  sleep ${params.interval}
done
echo '${MARK}health'; printf '%s\\n' "$h"
echo '${MARK}status'; e endpoint status
[ "$n" -gt 0 ] || exit 0
echo '${MARK}members'; e member list
echo '${MARK}alarms'; e alarm list
:`
}

/** etcd 3.4 says nothing of a certificate that a member refuses: it is looked at here. */
async function doubtOf(host: Host, { cert, cacert }: Params): Promise<string | undefined> {
  if (cert === undefined || cacert === undefined) return undefined
  const [own, ca, { inspect, readCertificate }] = await Promise.all([
    host.maybe(content, cert),
    host.maybe(content, cacert),
    pki(),
  ])
  if (!own || !ca || isUnknown(own) || isUnknown(ca)) return undefined
  const facts = inspect(own.toString('utf8'), cert)
  const authority = readCertificate(ca.toString('utf8'), cacert)
  if (facts.notAfter.getTime() < Date.now()) return `${cert} has expired`
  if (!readCertificate(own.toString('utf8'), cert).verify(authority.publicKey)) {
    return `${cert} is signed by another authority than the one in ${cacert}`
  }
  return facts.usages.includes('client auth') || facts.usages.includes('any')
    ? undefined
    : `${cert} is not made for clients (usages: ${facts.usages.join(', ')})`
}

/** What kept the question itself from being asked. */
function unable(state: State, params: Params): { failed: string; hint: string } | undefined {
  if (state.status === 41) {
    return {
      failed: `The host has no program "${params.etcdctl}".`,
      hint: 'Install etcd there first, name the program in "etcdctl", or delegate the task to a member.',
    }
  }
  if (state.status === 42) {
    const file = state.output.trim()
    return {
      failed: `${file} does not exist on the host, or may not be read.`,
      hint: 'The task may need "become: true".',
    }
  }
  if (state.output.includes(`${MARK}status`)) return undefined
  return {
    failed: `etcdctl could not be asked: ${state.output.trim().slice(0, 500)}`,
    hint: 'Try the same by hand on the host.',
  }
}

type Json = Record<string, unknown>

/** etcdctl's answers and complaints, section by section. */
function sections(output: string): Map<string, { data: unknown; complaints: string[] }> {
  const found = new Map<string, { data: unknown; complaints: string[] }>()
  for (const section of output.split(MARK).slice(1)) {
    const [name = '', ...lines] = section.split('\n')
    let data: unknown
    const complaints: string[] = []
    for (const line of lines.map((text) => text.trim()).filter(Boolean)) {
      const parsed = line.startsWith('[') || line.startsWith('{') ? parseJson(line) : undefined
      // etcdctl's own log comes as JSON too, a line each.
      if (Array.isArray(parsed) || (isMap(parsed) && !('level' in parsed))) data = parsed
      else
        complaints.push(
          isMap(parsed)
            ? `${textOf(parsed.target)} ${textOf(parsed.error ?? parsed.msg)} ${textOf(parsed.endpoint)}`
            : line,
        )
    }
    found.set(name.trim(), { data, complaints })
  }
  return found
}

/** JSON with ids of 64 bits, which are no safe numbers: long ones stay texts. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/"(?:\\.|[^"\\])*"|\d{16,}/g, (part) => (part.startsWith('"') ? part : `"${part}"`)))
  } catch {
    // Not JSON after all: a complaint that begins with a bracket.
    return undefined
  }
}

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const mapOf = (value: unknown): Json => (isMap(value) ? value : {})
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isMap) : [])
const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value))
const numberOf = (value: unknown): number | null => (value === undefined || value === null ? null : Number(value))
/** 0 and nothing are no id. */
const hex = (id: unknown): string | null =>
  id === undefined || id === null || String(id) === '0' ? null : BigInt(String(id)).toString(16)

function readCluster(output: string, endpoints: readonly string[], doubt?: string): Cluster {
  const all = sections(output)
  const health = new Map(listOf(all.get('health')?.data).map((one) => [textOf(one.endpoint), one]))
  const statuses = new Map(listOf(all.get('status')?.data).map((one) => [textOf(one.Endpoint), mapOf(one.Status)]))
  const complaints = [...(all.get('health')?.complaints ?? []), ...(all.get('status')?.complaints ?? [])]
  const list = all.get('members')?.data
  const members = listOf(mapOf(list).members).map(listed)
  const clusterIds: string[] = []
  const leaders: string[] = []
  for (const endpoint of endpoints) {
    const status = statuses.get(endpoint)
    const header = mapOf(status?.header)
    const id = hex(header.member_id)
    const leader = hex(status?.leader)
    if (hex(header.cluster_id)) clusterIds.push(hex(header.cluster_id)!)
    if (leader) leaders.push(leader)
    let member = members.find((one) =>
      id === null ? one.client_urls.some((url) => sameUrl(url, endpoint)) : one.id === id,
    )
    if (!member) {
      member = { ...listed({}), id }
      members.push(member)
    }
    const own = health.get(endpoint)
    const complaint = textOf(own?.error) || textsOf(status?.errors).join(', ')
    member.endpoint = endpoint
    member.learner ||= status?.isLearner === true
    // A learner serves no reads of its own: that it answers is all it can do.
    member.healthy = status !== undefined && (own?.health === true || member.learner)
    member.error = member.healthy ? null : reasonFor(endpoint, complaint, complaints, status ? undefined : doubt)
    if (!status) continue
    member.version = textOf(status.version) || null
    member.db_size = numberOf(status.dbSize)
    member.raft_index = numberOf(status.raftIndex)
    member.raft_applied = numberOf(status.raftAppliedIndex)
    member.leader = id !== null && leader === id
  }
  const alarms = listOf(mapOf(all.get('alarms')?.data).alarms).map((one) => {
    const id = hex(one.memberID)
    const member = members.find((known) => known.id === id)
    return {
      member: member ? nameOf(member) : (id ?? 'unknown'),
      alarm: ALARMS[textOf(one.alarm)] ?? textOf(one.alarm),
    }
  })
  return { members, clusterIds, leaders, alarms, listed: list !== undefined }
}

function listed(one: Json): Member {
  return {
    id: hex(one.ID),
    name: textOf(one.name) || null,
    peer_urls: textsOf(one.peerURLs),
    client_urls: textsOf(one.clientURLs),
    endpoint: null,
    learner: one.isLearner === true,
    leader: false,
    version: null,
    db_size: null,
    raft_index: null,
    raft_applied: null,
    healthy: null,
    error: null,
  }
}

const nameOf = (member: Member): string =>
  member.name ?? member.endpoint ?? member.client_urls[0] ?? member.id ?? 'a member'
const addressOf = (url: string): string => url.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '')
const sameUrl = (one: string, other: string): boolean => addressOf(one) === addressOf(other)

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/connection refused/, 'connection refused: nothing listens there'],
  [/no route to host|network is unreachable/, 'no way to its address'],
  [/no such host|server misbehaving/, 'its name cannot be resolved'],
  [/certificate has expired/, 'certificate: it has expired or is not yet valid'],
  [/signed by unknown authority/, 'certificate: it is signed by an authority that is not in cacert'],
  [
    /certificate is (?:valid for|not valid for)|doesn't contain any IP SANs|cannot validate certificate/,
    'certificate: it is not made for this address',
  ],
  [
    /bad certificate|certificate required|unknown certificate|tls: .*certificate/,
    'certificate: the member does not accept the one shown (cert)',
  ],
  [/first record does not look like a TLS handshake|server gave HTTP response/, 'it does not speak TLS'],
  [/no leader/, 'it knows no leader'],
  [/i\/o timeout/, 'no answer in time (deadline)'],
]

/** Why a member does not answer: etcdctl's log tells the cause of what it reports as a mere deadline. */
function reasonFor(endpoint: string, error: string, complaints: readonly string[], doubt?: string): string {
  const address = addressOf(endpoint)
  const about = [error, ...complaints.filter((line) => line.includes(address))].join(' ')
  const cause = CAUSES.find(([pattern]) => pattern.test(about))
  if (cause) return cause[1]
  if (doubt !== undefined) return `certificate: ${doubt}`
  if (/deadline|DeadlineExceeded/.test(about)) return 'no answer in time (deadline exceeded)'
  return (
    error ||
    complaints
      .find((line) => line.includes(address))
      ?.trim()
      .slice(0, 300) ||
    'no answer'
  )
}

function judge(cluster: Cluster, params: Params): { faults: string[]; warnings: string[]; quorum: number } {
  const faults: string[] = []
  const warnings: string[] = []
  const voters = cluster.members.filter((member) => !member.learner)
  const quorum = Math.floor(voters.length / 2) + 1
  const healthy = voters.filter((member) => member.healthy === true).length
  const unasked = voters.filter((member) => member.healthy === null)
  const ill = cluster.members
    .filter((member) => member.healthy === false)
    .map((member) => `${said(member)}: ${member.error}`)
  // Without tolerate every endpoint must answer.
  if (params.tolerate === undefined) faults.push(...ill)
  else warnings.push(...ill)
  const counted = `${healthy} of ${voters.length} voting members ${healthy === 1 ? 'is' : 'are'} healthy`
  const asked = unasked.length > 0 ? ` (${unasked.map(nameOf).join(', ')} not asked)` : ''
  if (healthy === 0 || healthy + unasked.length < quorum)
    faults.push(`there is no quorum: ${counted}, ${quorum} are needed`)
  else if (params.tolerate !== undefined && healthy - params.tolerate < quorum) {
    const gone = params.tolerate === 0 ? 'as it is' : `with ${params.tolerate} more gone`
    faults.push(`it would have no quorum ${gone}: ${counted}${asked}, ${quorum} are needed`)
  }
  if (params.tolerate !== undefined && faults.length > 0) faults.push(...warnings.splice(0))
  const ids = new Set(cluster.clusterIds)
  if (ids.size > 1) faults.push(`the endpoints belong to ${ids.size} different clusters: ${[...ids].join(', ')}`)
  const leaders = [...new Set(cluster.leaders)].map(
    (id) => cluster.members.find((member) => member.id === id)?.name ?? id,
  )
  if (leaders.length === 0 && healthy > 0) faults.push('there is no leader')
  if (leaders.length > 1) faults.push(`the members see different leaders: ${leaders.join(', ')}`)
  faults.push(...cluster.alarms.map(({ member, alarm }) => `alarm ${alarm} at ${member}`))
  if (healthy > 0 && !cluster.listed)
    warnings.push('The cluster did not list its members; only the endpoints given were counted.')
  faults.push(...lagging(cluster, params.max_raft_lag), ...oversized(cluster, sizeOf(params.max_db_size)))
  warnings.push(
    ...cluster.members
      .filter((member) => member.learner)
      .map((member) => `${said(member)} is a learner: it has no vote yet.`),
  )
  return { faults, warnings, quorum }
}

const said = (member: Member): string =>
  member.name !== null && member.endpoint !== null ? `${member.name} (${member.endpoint})` : nameOf(member)

function lagging({ members }: Cluster, most: number): string[] {
  const newest = Math.max(...members.map((member) => member.raft_index ?? 0))
  return members
    .filter((member) => member.raft_applied !== null && member.healthy && newest - member.raft_applied > most)
    .map((member) => `${said(member)} is ${newest - member.raft_applied!} entries behind (at most ${most} allowed)`)
}

function oversized({ members }: Cluster, most: number | undefined): string[] {
  if (most === undefined) return []
  return members
    .filter((member) => (member.db_size ?? 0) > most)
    .map((member) => `the database of ${said(member)} has ${member.db_size} bytes (at most ${most} allowed)`)
}

function sizeOf(given: number | string | undefined): number | undefined {
  if (given === undefined || typeof given === 'number') return given
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(given.trim())
  if (!match) return 0
  return Number(match[1]) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(match[2]!.toUpperCase())
}

function hintFor(faults: string): string {
  if (/NOSPACE/.test(faults))
    return 'Compact and defragment the members, then `etcdctl alarm disarm`; or raise quota-backend-bytes.'
  if (/CORRUPT/.test(faults))
    return 'A member has other data than the rest: remove it from the cluster and add it again.'
  if (/certificate/.test(faults))
    return 'See which certificates the members and this host have: `openssl x509 -noout -text -in …`.'
  if (/refused|no way|in time/.test(faults))
    return 'Look on the member: `systemctl status etcd` and `journalctl -u etcd`; is a firewall between?'
  return 'Look at `etcdctl endpoint status --cluster -w table` on a member.'
}
