// What shows that the cluster is there: asked of the hosts themselves, as an administrator would.
import { ssh } from './lab.ts'

const masters = ['k8s-master-1', 'k8s-master-2', 'k8s-master-3']
const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf'
const etcdctl =
  'ETCDCTL_API=3 etcdctl --endpoints=https://192.168.1.26:2379,https://192.168.1.28:2379,https://192.168.1.29:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key'

export interface Evidence {
  readonly what: string
  readonly text: string
  readonly holds: boolean
}

/** A host's answer to a script: what it said, and whether it ended well. */
export type Ask = (host: string, script: string) => Promise<{ text: string; worked: boolean }>

const askHost: Ask = async (host, script) => {
  const { status, stdout, stderr } = await ssh(host, [script])
  return { text: stdout.trim() || stderr.trim(), worked: status === 0 }
}

/** The rows of a table of etcdctl, each by the names of its columns. */
function rows(text: string): Record<string, string>[] {
  const [names = [], ...cells] = text
    .split('\n')
    .filter((line) => line.trim().startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  return cells.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ''])))
}

/** etcd's members, every apiserver, the load balancer, the leaders, and a deployment that gets its ReplicaSet. */
export async function proof(ask: Ask = askHost): Promise<Evidence[]> {
  const found: Evidence[] = []
  const members = await ask(masters[0]!, `${etcdctl} member list --write-out=table`)
  const started = rows(members.text).filter((row) => row['STATUS'] === 'started' && row['IS LEARNER'] === 'false')
  found.push({
    what: "etcd's members",
    text: members.text,
    holds: members.worked && started.length === masters.length && rows(members.text).length === masters.length,
  })
  const health = await ask(masters[0]!, `${etcdctl} endpoint status --write-out=table`)
  const leaders = rows(health.text).filter((row) => row['IS LEADER'] === 'true')
  found.push({
    what: "etcd's leader",
    text: health.text,
    holds: health.worked && leaders.length === 1 && rows(health.text).every((row) => row['ERRORS'] === ''),
  })
  for (const [name, server] of [
    ...masters.map((master, index) => [master, `https://192.168.1.${[26, 28, 29][index]}:6443`] as const),
    ['the load balancer', 'https://192.168.1.34:6443'] as const,
  ]) {
    const ready = await ask(masters[0]!, `${kubectl} --server=${server} get --raw /readyz`)
    found.push({ what: `/readyz of ${name} (${server})`, text: ready.text, holds: ready.worked && ready.text === 'ok' })
  }
  for (const component of ['kube-controller-manager', 'kube-scheduler']) {
    const leader = await ask(
      masters[0]!,
      `${kubectl} -n kube-system get lease ${component} -o jsonpath={.spec.holderIdentity}`,
    )
    found.push({
      what: `the leader of ${component}`,
      text: leader.text.replace(/_.*/, ''),
      holds: leader.worked && leader.text !== '',
    })
  }
  const deployment = await ask(
    masters[0]!,
    `${kubectl} create deployment proof --image=none --dry-run=client -o yaml | ${kubectl} apply -f - && for i in $(seq 60); do s=$(${kubectl} get replicasets -l app=proof --no-headers 2>/dev/null); [ -n "$s" ] && break; sleep 1; done; echo "$s"; [ -n "$s" ]`,
  )
  found.push({ what: 'a deployment and its ReplicaSet', text: deployment.text, holds: deployment.worked })
  return found
}
