import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { issue } from '../../engine/pki/certificate.ts'
import {
  buildKubeconfig,
  type KubeconfigParts,
  kubeconfigDifferences,
  parseKubeconfig,
  writeKubeconfig,
} from '../../engine/pki/kubeconfig.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import { complaint } from './complaint.ts'
import { Workbench } from './referee.ts'

/** What kubectl 1.32 writes for the commands of the article, when the files hold `ca`, `cert` and `key`. */
const BY_KUBECTL = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Y2E=
    server: https://192.168.1.250:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: system:kube-controller-manager
  name: system:kube-controller-manager@kubernetes
current-context: system:kube-controller-manager@kubernetes
kind: Config
preferences: {}
users:
- name: system:kube-controller-manager
  user:
    client-certificate-data: Y2VydA==
    client-key-data: a2V5
`
const article: KubeconfigParts = {
  cluster: 'kubernetes',
  server: 'https://192.168.1.250:6443',
  caPem: 'ca',
  user: 'system:kube-controller-manager',
  certPem: 'cert',
  keyPem: 'key',
}

describe('pki: kubeconfigs', () => {
  const bench = new Workbench()
  after(() => bench.clean())
  const wanted = buildKubeconfig(article)

  it('are written byte for byte as kubectl writes them', () => {
    expect(writeKubeconfig(wanted)).to.equal(BY_KUBECTL)
  })

  it('are what the article’s kubectl commands make', async function () {
    if (spawnSync('kubectl', ['version', '--client']).error) {
      if (process.env.CI === 'true') throw new Error('kubectl is the referee of this spec: install kubernetes-client')
      this.skip()
    }
    const ca = await issue({ request: parseRequest({ CN: 'kubernetes' }) })
    const leaf = await issue({ request: parseRequest({ CN: 'admin' }), ca })
    const path = join(bench.folder, 'admin.conf')
    const [caFile, certFile, keyFile] = [ca.certPem, leaf.certPem, leaf.keyPem].map((text) => bench.write(text)) as [
      string,
      string,
      string,
    ]
    const kubectl = (...words: string[]) =>
      execFileSync('kubectl', ['config', ...words], { env: { ...process.env, KUBECONFIG: path }, encoding: 'utf8' })
    kubectl(
      'set-cluster',
      'kubernetes',
      '--server=https://192.168.1.34:6443',
      '--certificate-authority',
      caFile,
      '--embed-certs',
    )
    kubectl(
      'set-credentials',
      'kubernetes-admin',
      '--client-key',
      keyFile,
      '--client-certificate',
      certFile,
      '--embed-certs',
    )
    kubectl('set-context', 'kubernetes-admin@kubernetes', '--cluster', 'kubernetes', '--user', 'kubernetes-admin')
    kubectl('use-context', 'kubernetes-admin@kubernetes')
    const config = buildKubeconfig({
      cluster: 'kubernetes',
      server: 'https://192.168.1.34:6443',
      caPem: ca.certPem,
      user: 'kubernetes-admin',
      certPem: leaf.certPem,
      keyPem: leaf.keyPem,
    })
    const written = readFileSync(path, 'utf8')
    expect(kubeconfigDifferences(written, config)).to.deep.equal([])
    // Later versions leave the empty preferences out.
    const without = (text: string) => text.replace('preferences: {}\n', '')
    expect(without(writeKubeconfig(config))).to.equal(without(written))
    const ours = bench.write(writeKubeconfig(config))
    expect(
      execFileSync('kubectl', ['--kubeconfig', ours, 'config', 'view', '--raw', '-o', 'json'], { encoding: 'utf8' }),
    ).to.contain('"current-context": "kubernetes-admin@kubernetes"')
  })

  it('are equal in effect whatever the order, comments, JSON, and further entries', () => {
    const json = JSON.stringify(parseKubeconfig(BY_KUBECTL))
    const more = BY_KUBECTL.replace(
      'contexts:\n',
      'contexts:\n- context: {cluster: other, user: other}\n  name: other\n',
    )
    const spoken = `# mine\n${BY_KUBECTL.replace('    server:', '    insecure-skip-tls-verify: false\n    server:')}`
    const folded = BY_KUBECTL.replace('a2V5', '"a2V5\\n"')
    for (const text of [BY_KUBECTL, json, more, spoken, folded])
      expect(kubeconfigDifferences(text, wanted)).to.deep.equal([])
  })

  const changes: [string, string, string, string][] = [
    [
      'another server',
      '.250:',
      '.34:',
      'server of the cluster kubernetes is "https://192.168.1.34:6443", not "https://192.168.1.250:6443"',
    ],
    ['another key', 'a2V5', 'c2VjcmV0', 'client-key-data of the user system:kube-controller-manager differs'],
    [
      'another certificate',
      'Y2VydA==',
      'eA==',
      'client-certificate-data of the user system:kube-controller-manager differs',
    ],
    [
      'another current context',
      'current-context: system:kube',
      'current-context: kube',
      'the current context is "kube-controller-manager@kubernetes", not "system:kube-controller-manager@kubernetes"',
    ],
    [
      'a token besides',
      '  user:\n    client',
      '  user:\n    token: abc\n    client',
      'token of the user system:kube-controller-manager is set and should not be',
    ],
    [
      'trust in any server',
      '    server:',
      '    insecure-skip-tls-verify: true\n    server:',
      'insecure-skip-tls-verify of the cluster kubernetes is set to true and should not be',
    ],
    ['no such user', '- name: system', '- name: sistem', 'the user system:kube-controller-manager is missing'],
  ]
  for (const [what, from, to, reason] of changes) {
    it(`differ by ${what}`, () => {
      const reasons = kubeconfigDifferences(BY_KUBECTL.replace(from, to), wanted)
      expect(reasons).to.deep.equal([reason])
      expect(reasons.join()).not.to.match(/a2V5|c2VjcmV0|abc/)
    })
  }

  it('are written anew when they cannot be read, and no error quotes them', () => {
    for (const text of ['', 'a: [', '- x', 'key: "a2V5'])
      expect(kubeconfigDifferences(text, wanted)).to.deep.equal(['it cannot be read'])
    const said = complaint(() =>
      parseKubeconfig('users:\n- client-key-data: "a2V5', 'the file /etc/kubernetes/admin.conf'),
    )
    expect(said).to.match(/What the file \/etc\/kubernetes\/admin\.conf holds is not well-formed YAML \(line \d\)/)
    expect(said).not.to.contain('a2V5')
  })

  it('take names and a namespace of their own', () => {
    const config = buildKubeconfig({ ...article, context: 'yes', namespace: 'prod', cluster: '1.10', user: 'no' })
    expect(parseKubeconfig(writeKubeconfig(config))).to.deep.equal(config)
    expect(writeKubeconfig(config)).to.contain('namespace: prod\n    user: "no"')
    expect(complaint(() => buildKubeconfig({ ...article, server: '192.168.1.34:6443' }))).to.match(
      /not a URL \| Write it as https:/,
    )
  })
})
