import { expect } from 'chai'
import { role } from './role.ts'

const releases = [
  '1.20.2',
  '1.21.14',
  '1.22.17',
  '1.23.17',
  '1.24.17',
  '1.25.16',
  '1.27.16',
  '1.28.15',
  '1.31.14',
  '1.35.9',
]
const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const

/** A unit as systemd reads it: sections of `key=value`, continued lines joined. */
function parseUnit(text: string): Record<string, string[]> {
  const sections: Record<string, string[]> = {}
  let section: string[] | undefined
  for (const line of text.replace(/\\\n\s*/g, '').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const head = /^\[(.*)\]$/.exec(line)
    if (head) section = sections[head[1]!] = []
    else section!.push(line)
  }
  return sections
}

function flags(component: string, version: string, extra: Record<string, unknown> = {}): Map<string, string> {
  const unit = parseUnit(role(component, { kubernetes_version: version, ...extra }).fill(`${component}.service.hbs`))
  const [start] = unit.Service!.filter((line) => line.startsWith('ExecStart='))
  const [program, ...words] = start!.slice('ExecStart='.length).split(/\s+/)
  expect(program).to.equal(`/usr/local/bin/${component}`)
  return new Map(words.map((word) => [/^--([^=]+)=/.exec(word)![1]!, word.slice(word.indexOf('=') + 1)]))
}

describe('units of the control plane', () => {
  for (const component of components) {
    for (const version of releases) {
      it(`${component} ${version}: the sections systemd knows, nothing swallowed by a continuation`, () => {
        const unit = parseUnit(role(component, { kubernetes_version: version }).fill(`${component}.service.hbs`))
        expect(Object.keys(unit)).to.deep.equal(['Unit', 'Service', 'Install'])
        expect(unit.Service).to.include('Restart=on-failure').and.to.include('RestartSec=10s')
        expect(unit.Install).to.deep.equal(['WantedBy=multi-user.target'])
      })

      it(`${component} ${version}: never --master, --insecure-port or another release's flags`, () => {
        const given = flags(component, version)
        expect([...given.keys()])
          .to.not.include.members(['master'])
          .and.not.include.members(['insecure-port'])
        const closesHttp = component !== 'kube-apiserver' && Number(version.split('.')[1]) < 24
        expect(given.get('port')).to.equal(closesHttp ? '0' : undefined)
      })
    }
  }

  for (const [version, controllers] of [
    ['1.20.2', '*,bootstrapsigner,tokencleaner'],
    ['1.27.16', '*,bootstrapsigner,tokencleaner'],
    ['1.28.0', '*,bootstrap-signer-controller,token-cleaner-controller'],
    ['1.35.9', '*,bootstrap-signer-controller,token-cleaner-controller'],
  ] as const) {
    it(`kube-controller-manager ${version} runs ${controllers}`, () => {
      expect(flags('kube-controller-manager', version).get('controllers')).to.equal(controllers)
    })
  }

  it("kube-apiserver has the article's flags, with this host's own address", () => {
    const given = flags('kube-apiserver', '1.20.2')
    expect(Object.fromEntries(given)).to.deep.equal({
      v: '2',
      'allow-privileged': 'true',
      'bind-address': '0.0.0.0',
      'secure-port': '6443',
      'advertise-address': '192.168.1.26',
      'service-cluster-ip-range': '10.96.0.0/16',
      'service-node-port-range': '30000-32767',
      'etcd-servers': 'https://192.168.1.26:2379,https://192.168.1.28:2379,https://192.168.1.29:2379',
      'etcd-cafile': '/etc/kubernetes/pki/etcd/ca.crt',
      'etcd-certfile': '/etc/kubernetes/pki/apiserver-etcd-client.crt',
      'etcd-keyfile': '/etc/kubernetes/pki/apiserver-etcd-client.key',
      'client-ca-file': '/etc/kubernetes/pki/ca.crt',
      'tls-cert-file': '/etc/kubernetes/pki/apiserver.crt',
      'tls-private-key-file': '/etc/kubernetes/pki/apiserver.key',
      'kubelet-client-certificate': '/etc/kubernetes/pki/apiserver-kubelet-client.crt',
      'kubelet-client-key': '/etc/kubernetes/pki/apiserver-kubelet-client.key',
      'service-account-key-file': '/etc/kubernetes/pki/sa.pub',
      'service-account-signing-key-file': '/etc/kubernetes/pki/sa.key',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
      'enable-admission-plugins':
        'NamespaceLifecycle,LimitRanger,ServiceAccount,DefaultStorageClass,DefaultTolerationSeconds,NodeRestriction,ResourceQuota',
      'authorization-mode': 'Node,RBAC',
      'enable-bootstrap-token-auth': 'true',
      'requestheader-client-ca-file': '/etc/kubernetes/pki/front-proxy-ca.crt',
      'proxy-client-cert-file': '/etc/kubernetes/pki/front-proxy-client.crt',
      'proxy-client-key-file': '/etc/kubernetes/pki/front-proxy-client.key',
      'requestheader-allowed-names': 'aggregator,front-proxy-client',
      'requestheader-username-headers': 'X-Remote-User',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    })
    expect(role('kube-apiserver', {}, 'k8s-master-3').fill('kube-apiserver.service.hbs')).to.include(
      '--advertise-address=192.168.1.29 ',
    )
  })

  it("kube-controller-manager has the article's flags, and the cluster's networks", () => {
    expect(Object.fromEntries(flags('kube-controller-manager', '1.35.9', { pod_cidr: '196.16.0.0/16' }))).to.deep.equal(
      {
        v: '2',
        'root-ca-file': '/etc/kubernetes/pki/ca.crt',
        'cluster-signing-cert-file': '/etc/kubernetes/pki/ca.crt',
        'cluster-signing-key-file': '/etc/kubernetes/pki/ca.key',
        'service-account-private-key-file': '/etc/kubernetes/pki/sa.key',
        kubeconfig: '/etc/kubernetes/controller-manager.conf',
        'use-service-account-credentials': 'true',
        controllers: '*,bootstrap-signer-controller,token-cleaner-controller',
        'allocate-node-cidrs': 'true',
        'cluster-cidr': '196.16.0.0/16',
        'requestheader-client-ca-file': '/etc/kubernetes/pki/front-proxy-ca.crt',
      },
    )
  })

  it('adds, replaces and takes away flags, and doubles the characters systemd reads', () => {
    const given = flags('kube-scheduler', '1.35.9', {
      kube_scheduler_extra_flags: { v: 4, kubeconfig: null, 'log-dir': '/var/log/$x-100%', profiling: false },
    })
    expect(Object.fromEntries(given)).to.deep.equal({ v: '4', 'log-dir': '/var/log/$$x-100%%', profiling: 'false' })
  })
})
