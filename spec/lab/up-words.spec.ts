import { expect } from 'chai'
import { upWords } from './up-words.ts'

describe('the words after `lab up`', () => {
  const table: [string, object][] = [
    ['', { names: [], options: { downloads: true, vm: [], selinux: [] } }],
    [
      'k8s-master-1 extra=192.168.1.9',
      { names: ['k8s-master-1', 'extra=192.168.1.9'], options: { downloads: true, vm: [], selinux: [] } },
    ],
    [
      '--only k8s-master-1,k8s-node-1',
      { names: ['k8s-master-1', 'k8s-node-1'], options: { downloads: true, vm: [], selinux: [] } },
    ],
    ['--only=k8s-master-1', { names: ['k8s-master-1'], options: { downloads: true, vm: [], selinux: [] } }],
    ['--vm', { names: [], options: { downloads: true, vm: ['k8s-node-1'], selinux: [] } }],
    ['--vm=a a=192.168.1.9', { names: ['a=192.168.1.9'], options: { downloads: true, vm: ['a'], selinux: [] } }],
    [
      '--vm k8s-master-1',
      { names: ['k8s-master-1', 'k8s-node-1'], options: { downloads: true, vm: ['k8s-node-1'], selinux: [] } },
    ],
    [
      '--release trixie a=192.168.1.9',
      { names: ['a=192.168.1.9'], options: { downloads: true, vm: [], selinux: [], release: 'trixie' } },
    ],
    ['--selinux=a a=192.168.1.9', { names: ['a=192.168.1.9'], options: { downloads: true, vm: [], selinux: ['a'] } }],
    ['--selinux', { names: [], options: { downloads: true, vm: [], selinux: ['k8s-node-1'] } }],
    ['--no-downloads', { names: [], options: { downloads: false, vm: [], selinux: [] } }],
  ]
  for (const [words, meaning] of table) {
    it(words || 'none', () => expect(upWords(words.split(' ').filter(Boolean))).to.deep.equal(meaning))
  }

  it('are refused when unknown', () => expect(() => upWords(['--fast'])).to.throw(/up knows no --fast.*--vm/s))
})
