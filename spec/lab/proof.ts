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

async function ask(host: string, script: string): Promise<{ text: string; worked: boolean }> {
  const { status, stdout, stderr } = await ssh(host, [script])
  return { text: (stdout.trim() || stderr.trim()).trimEnd(), worked: status === 0 }
}

/** etcd's members, every apiserver, the load balancer, the leaders, and a deployment that gets its ReplicaSet. */
export async function proof(): Promise<Evidence[]> {
  const found: Evidence[] = []
  const members = await ask(masters[0]!, `${etcdctl} member list --write-out=table`)
  found.push({
    what: "etcd's members",
    text: members.text,
    holds: members.worked && members.text.split('started').length === 4,
  })
  const health = await ask(masters[0]!, `${etcdctl} endpoint status --write-out=table`)
  found.push({ what: "etcd's leader", text: health.text, holds: health.worked && / true \|\s+false/.test(health.text) })
  for (const [name, server] of [
    ...masters.map((master, index) => [master, `https://192.168.1.${[26, 28, 29][index]}:6443`] as const),
    ['the load balancer', 'https://192.168.1.34:6443'] as const,
  ]) {
    const ready = await ask(masters[0]!, `${kubectl} --server=${server} get --raw /readyz`)
    found.push({ what: `/readyz of ${name} (${server})`, text: ready.text, holds: ready.text === 'ok' })
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
