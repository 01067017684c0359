import { join } from 'node:path'
import { expect } from 'chai'
import { evaluateCondition } from '../../engine/lang/condition.ts'
import { child } from '../../engine/lang/node.ts'
import { toPlain } from '../../engine/lang/plain.ts'
import { article, document, role, rolesFolder } from './role.ts'

/** What a role refuses before the first connection. */
function refusals(name: string, extra: Record<string, unknown> = {}): string[] {
  const meta = document(join(rolesFolder, name, 'meta/main.yml'))
  const checks = meta?.kind === 'map' ? child(meta, 'checks') : undefined
  if (checks?.kind !== 'seq') throw new Error(`role ${name} has no checks`)
  const { variables } = role(name, extra)
  return checks.items.flatMap((item) => {
    if (item.kind !== 'map') return []
    return evaluateCondition(child(item, 'that')!, variables) ? [] : [String(toPlain(child(item, 'msg')!))]
  })
}

const groups = (change: Record<string, string[]>) => ({ groups: { ...article.groups, ...change } })

describe('what the roles refuse', () => {
  for (const name of ['cluster', 'etcd', 'load-balancer']) {
    it(`role ${name} accepts the article's cluster`, () => expect(refusals(name)).to.deep.equal([]))
  }

  for (const [what, name, extra, said] of [
    ['services among machines', 'cluster', { service_cidr: '192.168.0.0/16' }, /machine_cidr and service_cidr overlap/],
    ['pods among machines', 'cluster', { pod_cidr: '192.168.1.128/25' }, /machine_cidr and pod_cidr overlap/],
    ['services among pods', 'cluster', { pod_cidr: '10.0.0.0/8' }, /service_cidr and pod_cidr overlap/],
    ['machines outside their network', 'cluster', { machine_cidr: '172.20.0.0/16' }, /address outside machine_cidr/],
    [
      'an even number of members',
      'cluster',
      groups({ etcd: ['k8s-master-1', 'k8s-master-2'] }),
      /even number of members/,
    ],
    ['no master', 'cluster', groups({ masters: [] }), /no host in the group `masters`/],
    ['an old Kubernetes', 'cluster', { kubernetes_version: '1.19.16' }, /older than 1\.20/],
    ['an old etcd', 'cluster', { etcd_version: '3.3.27' }, /older than 3\.4/],
    [
      'members of one name',
      'etcd',
      {
        hostvars: { ...article.hostvars, 'k8s-master-2': { ansible_host: '192.168.1.28', etcd_name: 'etcd-master-1' } },
      },
      /same etcd_name/,
    ],
    [
      'two load balancers for one address',
      'load-balancer',
      groups({ loadbalancers: ['k8s-master-lb', 'k8s-node-1'] }),
      /keepalived_enabled: true/,
    ],
    ['floating an address somebody has', 'load-balancer', { keepalived_enabled: true }, /own address/],
    ['two who want one port', 'load-balancer', groups({ loadbalancers: ['k8s-master-1'] }), /same port/],
  ] as const) {
    it(`${what} (role ${name})`, () => {
      const refused = refusals(name, extra)
      expect(refused.join('\n')).to.match(said)
    })
  }
})
