import {
  content,
  defineModule,
  ETCD_SECTION,
  type EtcdAccess,
  type EtcdCluster,
  type EtcdMember,
  etcdctlScript,
  etcdctlTrouble,
  etcdMemberName,
  etcdParams,
  type Host,
  isUnknown,
  pki,
  readEtcdCluster,
} from 'tsplay'

interface Params extends EtcdAccess {
  tolerate?: number
  max_raft_lag: number
  max_db_size?: number | string
  timeout: number
  interval: number
}

interface State {
  status: number
  output: string
  /** What is wrong with the certificate shown to the members; looked at only when one does not answer. */
  doubt?: string | undefined
}

export default defineModule({
  summary: 'Check that an etcd cluster is healthy, as one of its members sees it.',
  description:
    'Asks through etcdctl on the host: every endpoint answers, all are one cluster with one leader and a quorum, no ' +
    'alarm is raised, no member lags behind, no database is too large. With `tolerate`, members may be down as long as the cluster keeps ' +
    'its quorum with that many more gone. All of it, the waiting too, is one round trip.',
  volatile: true,
  onlyLooks: true,
  params: {
    type: 'object',
    properties: {
      ...etcdParams,
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
    const cannot = etcdctlTrouble(state, params, 'status')
    if (cannot) return { ...cannot, result: { healthy: false, members: [], leader: null, quorum: null } }
    const cluster = readEtcdCluster(state.output, params.endpoints, state.doubt)
    const { faults, warnings, quorum } = judge(cluster, params)
    const leader = cluster.members.find((member) => member.leader)
    const result = {
      healthy: faults.length === 0,
      members: cluster.members,
      leader: leader ? etcdMemberName(leader) : null,
      quorum,
      alarms: cluster.alarms,
    }
    if (faults.length === 0) return { result, warnings }
    return { failed: `etcd is not healthy: ${faults.join('; ')}.`, hint: hintFor(faults.join(' ')), result }
  },
})

function scriptFor(params: Params): string {
  // While waiting, as many healthy endpoints as the verdict will ask for, as far as that is known beforehand.
  const enough =
    params.tolerate === undefined
      ? params.endpoints.length
      : Math.min(params.endpoints.length, Math.floor(params.endpoints.length / 2) + 1 + params.tolerate)
  return `${etcdctlScript(params)}
end=$(($(date +%s) + ${params.timeout}))
while :; do
  h=$(e endpoint health)
  n=$(printf '%s' "$h" | grep -o '"health": *true' | grep -c .)
  [ "$n" -ge ${enough} ] || [ "$(date +%s)" -ge "$end" ] && break
  sleep ${params.interval}
done
echo '${ETCD_SECTION}health'; printf '%s\\n' "$h"
echo '${ETCD_SECTION}status'; e endpoint status
[ "$n" -gt 0 ] || exit 0
echo '${ETCD_SECTION}members'; e member list
echo '${ETCD_SECTION}alarms'; e alarm list
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

function judge(cluster: EtcdCluster, params: Params): { faults: string[]; warnings: string[]; quorum: number } {
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
  const asked = unasked.length > 0 ? ` (${unasked.map(etcdMemberName).join(', ')} not asked)` : ''
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

const said = (member: EtcdMember): string =>
  member.name !== null && member.endpoint !== null ? `${member.name} (${member.endpoint})` : etcdMemberName(member)

function lagging({ members }: EtcdCluster, most: number): string[] {
  const newest = Math.max(...members.map((member) => member.raft_index ?? 0))
  return members
    .filter((member) => member.raft_applied !== null && member.healthy && newest - member.raft_applied > most)
    .map((member) => `${said(member)} is ${newest - member.raft_applied!} entries behind (at most ${most} allowed)`)
}

function oversized({ members }: EtcdCluster, most: number | undefined): string[] {
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
