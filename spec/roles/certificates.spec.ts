import { expect } from 'chai'
import { role } from './role.ts'

const value = (name: string, variable: string, extra = {}) => role(name, extra).variables.get(variable)

describe('certificates the roles ask for', () => {
  it("etcd's have the article's names and addresses", () => {
    for (const variable of ['etcd_server_csr', 'etcd_peer_csr']) {
      expect(value('etcd-certs', variable))
        .to.have.property('hosts')
        .that.deep.equals([
          'k8s-master-1',
          'k8s-master-2',
          'k8s-master-3',
          '192.168.1.26',
          '192.168.1.28',
          '192.168.1.29',
          '127.0.0.1',
          'localhost',
        ])
    }
  })

  it("the apiserver's has the article's, and the control plane's name", () => {
    expect(value('apiserver-certs', 'apiserver_csr'))
      .to.have.property('hosts')
      .that.deep.equals([
        '127.0.0.1',
        '192.168.1.26',
        '192.168.1.28',
        '192.168.1.29',
        '192.168.1.34',
        '10.96.0.1',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster',
        'kubernetes.default.svc.cluster.local',
        'k8s-master-lb',
      ])
  })

  it('another service network or domain changes its names', () => {
    const hosts = (
      value('apiserver-certs', 'apiserver_csr', { service_cidr: '172.30.0.0/16', cluster_domain: 'corp.example' }) as {
        hosts: string[]
      }
    ).hosts
    expect(hosts).to.include.members(['172.30.0.1', 'kubernetes.default.svc.corp.example']).and.not.include('10.96.0.1')
  })

  it('a client certificate is for clients, and only for them', () => {
    const config = value('cluster', 'signing_config') as { signing: { profiles: Record<string, { usages: string[] }> } }
    expect(config.signing.profiles.client!.usages).to.include('client auth').and.not.include('server auth')
    expect(Object.keys(config.signing.profiles)).to.deep.equal(['server', 'client', 'peer', 'kubernetes', 'etcd'])
  })
})
