import { etcdSections, hex, type Json, listOf, mapOf, numberOf, textOf, textsOf } from './answers.ts'
import { etcdReason, sameUrl } from './trouble.ts'

/** One member, as the cluster lists it and as it says of itself. */
export interface EtcdMember {
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

export interface EtcdCluster {
  members: EtcdMember[]
  /** Ids in hex, as each endpoint that answers sees them. */
  clusterIds: string[]
  leaders: string[]
  alarms: { member: string; alarm: string }[]
  /** Whether the cluster listed its members. */
  listed: boolean
}

const ALARMS: Readonly<Record<string, string>> = { '1': 'NOSPACE', '2': 'CORRUPT' }

export function readEtcdCluster(output: string, endpoints: readonly string[], doubt?: string): EtcdCluster {
  const all = etcdSections(output)
  const health = new Map(listOf(all.get('health')?.data).map((one) => [textOf(one.endpoint), one]))
  const statuses = new Map(listOf(all.get('status')?.data).map((one) => [textOf(one.Endpoint), mapOf(one.Status)]))
  const complaints = ['health', 'status', 'members'].flatMap((section) => all.get(section)?.complaints ?? [])
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
    member.error = member.healthy ? null : etcdReason(endpoint, complaint, complaints, status ? undefined : doubt)
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
      member: member ? etcdMemberName(member) : (id ?? 'unknown'),
      alarm: ALARMS[textOf(one.alarm)] ?? textOf(one.alarm),
    }
  })
  return { members, clusterIds, leaders, alarms, listed: list !== undefined }
}

function listed(one: Json): EtcdMember {
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

export const etcdMemberName = (member: EtcdMember): string =>
  member.name ?? member.endpoint ?? member.client_urls[0] ?? member.id ?? 'a member'
