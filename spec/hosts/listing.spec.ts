import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadInventory } from '../../engine/hosts/inventory.ts'
import { graph, list } from '../../engine/hosts/listing.ts'

describe('inventory listing', () => {
  it('draws the groups and hosts', () => {
    const { inventory } = loadInventory(['inventory/prod.yml'])
    expect(graph(inventory)).to.equal(`@all:
  |--@ungrouped:
  |--@k8s:
  |  |--@masters:
  |  |  |--k8s-master-1
  |  |  |--k8s-master-2
  |  |  |--k8s-master-3
  |  |--@nodes:
  |  |  |--k8s-node-1
  |  |  |--k8s-node-2
  |  |  |--k8s-node-3
  |--@etcd:
  |  |--k8s-master-1
  |  |--k8s-master-2
  |  |--k8s-master-3
  |--@loadbalancers:
  |  |--k8s-master-lb`)
    expect(graph(inventory, 'loadbalancers')).to.equal('@loadbalancers:\n  |--k8s-master-lb')
    expect(graph(inventory, 'nowhere')).to.equal('')
  })

  it('gives everything as data, expressions and templates as they are written', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tsplay-listing-'))
    try {
      writeFileSync(
        join(cwd, 'hosts.yml'),
        'web:\n  hosts: { a: { n: 1, t: "{{n}}", e: !expr n + 1 }, b: }\n  children: { inner: }\ninner: { hosts: { c: } }\nempty:\n',
      )
      const { inventory } = loadInventory(['hosts.yml'], { cwd })
      expect(JSON.parse(JSON.stringify(list(inventory)))).to.deep.equal({
        _meta: { hostvars: { a: { n: 1, t: '{{n}}', e: '!expr n + 1' } } },
        all: { children: ['ungrouped', 'web', 'empty'] },
        web: { hosts: ['a', 'b'], children: ['inner'] },
        inner: { hosts: ['c'] },
      })
      expect(graph(inventory, 'web', { vars: true })).to.equal(
        '@web:\n  |--@inner:\n  |  |--c\n  |--a\n  |  |--{e = !expr n + 1}\n  |  |--{n = 1}\n  |  |--{t = {{n}}}\n  |--b',
      )
    } finally {
      rmSync(cwd, { recursive: true })
    }
  })
})
