import { expect } from 'chai'
import { hostOf, inventoryHosts } from './hosts.ts'
import { labName } from './places.ts'

describe('a host named on the command line', () => {
  it('is one of the inventory by its name', () => {
    expect(hostOf('k8s-master-1')).to.deep.equal({ name: 'k8s-master-1', address: '192.168.1.26' })
  })

  it('is a throwaway one by name and address', () => {
    expect(hostOf('extra-1=192.168.1.101')).to.deep.equal({ name: 'extra-1', address: '192.168.1.101' })
  })

  it('may be an inventory host with its own address', () => {
    expect(hostOf('k8s-node-2=192.168.1.30').name).to.equal('k8s-node-2')
  })

  const wrong: [string, RegExp][] = [
    ['k8s-master-9', /no host "k8s-master-9".*k8s-master-1.*\n.*k8s-master-9=192\.168\.1\.101/s],
    ['Extra=192.168.1.101', /"Extra" is no host name/],
    ['_server=192.168.1.101', /is no host name/],
    ['../etc=192.168.1.101', /is no host name/],
    ['extra=10.0.0.1', /"10\.0\.0\.1" cannot be extra's address/],
    ['extra=192.168.1.1', /192\.168\.1\.1 serves the downloads/],
    ['extra=192.168.1.300', /cannot be/],
    ['extra=192.168.1.26', /k8s-master-1 is 192\.168\.1\.26/],
    ['k8s-master-1=192.168.1.101', /k8s-master-1 is 192\.168\.1\.26/],
  ]
  for (const [word, message] of wrong) {
    it(`is refused: ${word}`, () => expect(() => hostOf(word)).to.throw(message))
  }

  it('has the addresses of the article', () => {
    expect(inventoryHosts.map((host) => host.address.split('.')[3]).join(' ')).to.equal('26 28 29 32 30 31 34')
  })
})

describe('the name of a lab', () => {
  it('is the usual one, or one beside it', () => {
    expect([undefined, '', 'mine-2'].map(labName)).to.deep.equal(['tsplay-lab', 'tsplay-lab', 'tsplay-lab-mine-2'])
  })

  for (const name of ['..', 'a/b', 'Mine', '-x', 'a b', 'a'.repeat(21)])
    it(`is refused: ${name}`, () => expect(() => labName(name)).to.throw('is no name of a lab'))
})
