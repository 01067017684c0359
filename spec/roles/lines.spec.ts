import { expect } from 'chai'
import { article, role } from './role.ts'

describe('what stands in files', () => {
  it('the hosts file has every host, and the control plane once', () => {
    expect(role('names').variables.get('hosts_file_lines')).to.deep.equal([
      '192.168.1.26 k8s-master-1',
      '192.168.1.28 k8s-master-2',
      '192.168.1.29 k8s-master-3',
      '192.168.1.32 k8s-node-1',
      '192.168.1.30 k8s-node-2',
      '192.168.1.31 k8s-node-3',
      '192.168.1.34 k8s-master-lb',
    ])
    const lines = role('names', {
      control_plane_name: 'api',
      control_plane_address: '192.168.1.40',
      hosts_file_extra: ['192.168.1.50 registry'],
    })
    expect(lines.variables.get('hosts_file_lines'))
      .to.include.members(['192.168.1.40 api', '192.168.1.50 registry'])
      .and.have.length(9)
  })

  it('haproxy asks every apiserver whether it is ready', () => {
    const text = role('load-balancer').fill('haproxy.cfg.hbs')
    expect(text).to.include('  bind :6443\n').and.to.include('  option httpchk GET /readyz\n')
    expect(text.match(/^ {2}server .*$/gm)).to.deep.equal([
      '  server k8s-master-1 192.168.1.26:6443 check check-ssl verify none',
      '  server k8s-master-2 192.168.1.28:6443 check check-ssl verify none',
      '  server k8s-master-3 192.168.1.29:6443 check check-ssl verify none',
    ])
    const plain = role('load-balancer', { load_balancer_check: 'tcp' }).fill('haproxy.cfg.hbs')
    expect(plain).to.not.match(/httpchk|check-ssl/)
  })

  it('keepalived knows its peers, and the first load balancer comes first', () => {
    const extra = {
      groups: { ...article.groups, loadbalancers: ['k8s-master-lb', 'k8s-node-1'] },
      control_plane_address: '192.168.1.100',
    }
    const first = role('load-balancer', extra, 'k8s-master-lb').fill('keepalived.conf.hbs')
    const second = role('load-balancer', extra, 'k8s-node-1').fill('keepalived.conf.hbs')
    expect(first)
      .to.include('priority 150\n')
      .and.to.match(/unicast_peer \{\n {4}192\.168\.1\.32\n {2}\}/)
      .and.to.include('    192.168.1.100/24\n')
    expect(second)
      .to.include('priority 149\n')
      .and.to.match(/unicast_peer \{\n {4}192\.168\.1\.34\n {2}\}/)
  })

  it('IPVS modules are real ones, each once', () => {
    const modules = role('ipvs').variables.get('ipvs_modules') as string[]
    expect(new Set(modules).size).to.equal(modules.length)
    expect(modules)
      .to.include.members(['ip_vs_lc', 'br_netfilter'])
      .and.not.include.members(['ip_vs_ls'])
      .and.not.include.members(['ipip'])
  })

  for (const [family, packages] of [
    ['Debian', ['ipvsadm', 'ipset', 'sysstat', 'conntrack', 'libseccomp2']],
    ['RedHat', ['ipvsadm', 'ipset', 'sysstat', 'conntrack-tools', 'libseccomp']],
  ] as const) {
    it(`tools on ${family}`, () => {
      expect(role('ipvs', { facts: { os_family: family } }).variables.get('ipvs_packages')).to.deep.equal(packages)
    })
  }

  for (const [repository, runtime, distribution, packages] of [
    ['distribution', 'containerd', 'Debian', ['containerd']],
    ['distribution', 'docker', 'Debian', ['docker.io']],
    ['docker', 'containerd', 'Debian', ['containerd.io']],
    [
      'docker',
      'docker',
      'CentOS',
      ['docker-ce', 'docker-ce-cli', 'containerd.io', 'docker-buildx-plugin', 'docker-compose-plugin'],
    ],
  ] as const) {
    it(`${runtime} from ${repository} on ${distribution}`, () => {
      const facts = { os_family: distribution === 'CentOS' ? 'RedHat' : 'Debian', distribution, architecture: 'x86_64' }
      const extra = { facts, container_runtime: runtime, container_runtime_repository: repository }
      expect(role('container-runtime', extra).variables.get('container_runtime_wanted')).to.deep.equal(packages)
    })
  }
})
