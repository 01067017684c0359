import { expect } from 'chai'
import { parse } from 'yaml'
import { role } from './role.ts'

const config = (extra: Record<string, unknown> = {}, host?: string): Record<string, unknown> =>
  parse(role('etcd', extra, host).fill('etcd.yaml.hbs'))

describe('role etcd', () => {
  for (const version of ['3.4.23', '3.5.21', '3.6.6']) {
    it(`etcd ${version}: the article's settings without its slips`, () => {
      expect(config({ etcd_version: version }, 'k8s-master-2')).to.deep.equal({
        name: 'etcd-master-2',
        'data-dir': '/var/lib/etcd',
        'wal-dir': '/var/lib/etcd/wal',
        'listen-peer-urls': 'https://192.168.1.28:2380',
        'listen-client-urls': 'https://192.168.1.28:2379,https://127.0.0.1:2379',
        'initial-advertise-peer-urls': 'https://192.168.1.28:2380',
        'advertise-client-urls': 'https://192.168.1.28:2379',
        'initial-cluster':
          'etcd-master-1=https://192.168.1.26:2380,etcd-master-2=https://192.168.1.28:2380,etcd-master-3=https://192.168.1.29:2380',
        'initial-cluster-token': 'etcd-cluster',
        'client-transport-security': {
          'cert-file': '/etc/kubernetes/pki/etcd/server.crt',
          'key-file': '/etc/kubernetes/pki/etcd/server.key',
          'client-cert-auth': true,
          'trusted-ca-file': '/etc/kubernetes/pki/etcd/ca.crt',
        },
        'peer-transport-security': {
          'cert-file': '/etc/kubernetes/pki/etcd/peer.crt',
          'key-file': '/etc/kubernetes/pki/etcd/peer.key',
          'client-cert-auth': true,
          'trusted-ca-file': '/etc/kubernetes/pki/etcd/ca.crt',
        },
      })
    })
  }

  for (const [version, name, value] of [
    ['3.4.23', 'experimental-initial-corrupt-check', true],
    ['3.5.21', 'experimental-initial-corrupt-check', true],
    ['3.6.6', 'feature-gates', 'InitialCorruptCheck=true'],
  ] as const) {
    it(`etcd ${version} calls the check for corruption ${name}`, () => {
      expect(config({ etcd_version: version, etcd_initial_corrupt_check: true })[name]).to.equal(value)
    })
  }

  it('takes further settings of every type', () => {
    const settings = { 'heartbeat-interval': 250, 'log-outputs': ['stderr'], 'log-level': 'warn' }
    expect(config({ etcd_settings: settings })).to.include({ 'heartbeat-interval': 250, 'log-level': 'warn' })
    expect(config({ etcd_settings: settings })['log-outputs']).to.deep.equal(['stderr'])
  })

  it('speaks plain http on loopback only when asked', () => {
    expect(config({ etcd_loopback_http: true })['listen-client-urls']).to.equal(
      'https://192.168.1.26:2379,http://127.0.0.1:2379',
    )
  })

  it('brackets IPv6 addresses in URLs', () => {
    const { variables } = role('etcd', {
      node_addresses: { 'k8s-master-1': 'fd00::1', 'k8s-master-2': 'fd00::2', 'k8s-master-3': 'fd00::3' },
    })
    expect(variables.get('etcd_endpoints')).to.deep.equal([
      'https://[fd00::1]:2379',
      'https://[fd00::2]:2379',
      'https://[fd00::3]:2379',
    ])
  })

  for (const [version, base, programs, url, checksum] of [
    [
      '3.6.6',
      undefined,
      ['etcd', 'etcdctl', 'etcdutl'],
      'https://github.com/etcd-io/etcd/releases/download/v3.6.6/etcd-v3.6.6-linux-amd64.tar.gz',
      'sha256:https://github.com/etcd-io/etcd/releases/download/v3.6.6/SHA256SUMS',
    ],
    [
      '3.4.23',
      'http://192.168.1.1/etcd',
      ['etcd', 'etcdctl'],
      'http://192.168.1.1/etcd/v3.4.23/etcd-v3.4.23-linux-amd64.tar.gz',
      'sha256:http://192.168.1.1/etcd/v3.4.23/etcd-v3.4.23-linux-amd64.tar.gz.sha256',
    ],
  ] as const) {
    it(`fetches etcd ${version} from ${base ?? 'GitHub'}`, () => {
      const { variables } = role('etcd', { etcd_version: version, ...(base ? { etcd_download_base: base } : {}) })
      expect(variables.get('etcd_programs')).to.deep.equal(programs)
      expect(variables.get('etcd_url')).to.equal(url)
      expect(variables.get('etcd_checksum')).to.equal(checksum)
    })
  }
})
