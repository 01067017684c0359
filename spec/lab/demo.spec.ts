// `npm run demo` where there can be no lab, and what it takes for a proof where there is one.
import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Ask, type Evidence, proof } from './proof.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const nobody = 65534

describe('the demo, where there can be no lab', function () {
  this.timeout(120_000)
  const user = process.getuid?.() === 0 ? nobody : (process.getuid?.() ?? 0)
  let home: string

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'tsplay-demo-'))
    if (user === nobody) chownSync(home, nobody, nobody)
  })
  after(() => rmSync(home, { recursive: true }))

  function demo(env: NodeJS.ProcessEnv) {
    const [command = '', ...words] = [
      ...(user === nobody ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []),
      process.execPath,
      '--conditions=tsplay-source',
      '--import',
      'tsx',
      'spec/lab/demo.ts',
    ]
    return spawnSync(command, words, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', ...env } })
  }

  for (const [title, folder] of [
    ['a home of their own', () => home],
    ['no home', () => '/nonexistent'],
  ] as const) {
    it(`says in one line what is missing, and runs the first playbook: a plain user with ${title}`, () => {
      const { status, stdout, stderr } = demo({ HOME: folder() })
      expect(status, stdout + stderr).to.equal(0)
      const [first, second] = stdout.split('\n')
      expect(first).to.match(/^This machine cannot host the lab: it lacks .*root: run it as root or with sudo/)
      expect(first).to.match(/Running playbooks\/hello\.yml on it instead\.$/)
      expect(second).to.equal('')
      expect(stdout).to.match(/^PLAY \[Hello\]/m)
      expect(stdout).to.match(/^localhost : ok=3 .* unreachable=0 failed=0 /m)
      expect(stderr).to.equal('')
      const note = ['/tmp/tsplay-hello.txt', `/tmp/tsplay-hello-${user}.txt`].filter(existsSync)
      expect(note.map((path) => readFileSync(path, 'utf8'))).to.include(`Hello from ${hostname().split('.')[0]}.\n`)
    })
  }
})

const members = `+------------------+---------+---------------+---------------------------+---------------------------+------------+
|        ID        | STATUS  |     NAME      |        PEER ADDRS         |       CLIENT ADDRS        | IS LEARNER |
+------------------+---------+---------------+---------------------------+---------------------------+------------+
| a70a3882ca2ed04b | started | etcd-master-2 | https://192.168.1.28:2380 | https://192.168.1.28:2379 |      false |
| aba9edaf5d433902 | started | etcd-master-3 | https://192.168.1.29:2380 | https://192.168.1.29:2379 |      false |
| d59c76c6a4473d61 | started | etcd-master-1 | https://192.168.1.26:2380 | https://192.168.1.26:2379 |      false |
+------------------+---------+---------------+---------------------------+---------------------------+------------+`
const columns =
  '|         ENDPOINT          |        ID        | VERSION | DB SIZE | IS LEADER | IS LEARNER | RAFT TERM | RAFT INDEX | RAFT APPLIED INDEX | ERRORS |'
const rule = columns.replace(/[^|]/g, '-').replaceAll('|', '+')
const endpoint = (address: string, id: string, leads: boolean) =>
  `| https://${address}:2379 | ${id} |  3.4.23 |  336 kB |     ${leads ? ' true' : 'false'} |      false |         2 |        303 |                303 |        |`
const health = [
  rule,
  columns,
  rule,
  endpoint('192.168.1.26', 'd59c76c6a4473d61', false),
  endpoint('192.168.1.28', 'a70a3882ca2ed04b', false),
  endpoint('192.168.1.29', 'aba9edaf5d433902', true),
  rule,
].join('\n')

type Answer = { text: string; worked: boolean }

/** What a cluster of the lab said, question by question; `other` says else to some of them. */
function cluster(other: (script: string) => Partial<Answer> | undefined = () => undefined): Ask {
  const said: readonly [RegExp, string][] = [
    [/member list/, members],
    [/endpoint status/, health],
    [/readyz/, 'ok'],
    [/lease kube-controller-manager/, 'k8s-master-1_7b0e5f3e-0f6b-4d59-8c3d-4c1d7a5d2c11'],
    [/lease kube-scheduler/, 'k8s-master-2_e8d0c7a9-7d35-4a8e-9e0f-0f3f2b6d8a42'],
    [/create deployment/, 'deployment.apps/proof created\nproof-759949b748   1     1     0     0s'],
  ]
  return async (_host, script) => {
    const text = said.find(([pattern]) => pattern.test(script))?.[1]
    if (text === undefined) throw new Error(`nothing recorded for ${script}`)
    return { text, worked: true, ...other(script) }
  }
}

const fallen = (evidence: readonly Evidence[]) => evidence.filter((one) => !one.holds).map((one) => one.what)

describe('the proof of a cluster', () => {
  it('holds for what a whole cluster says, and shows it', async () => {
    const evidence = await proof(cluster())
    expect(fallen(evidence)).to.deep.equal([])
    expect(evidence.map(({ what, text }) => `${what}: ${text.split('\n').at(-1)}`)).to.deep.equal([
      `etcd's members: ${members.split('\n')[0]}`,
      `etcd's leader: ${rule}`,
      '/readyz of k8s-master-1 (https://192.168.1.26:6443): ok',
      '/readyz of k8s-master-2 (https://192.168.1.28:6443): ok',
      '/readyz of k8s-master-3 (https://192.168.1.29:6443): ok',
      '/readyz of the load balancer (https://192.168.1.34:6443): ok',
      'the leader of kube-controller-manager: k8s-master-1',
      'the leader of kube-scheduler: k8s-master-2',
      'a deployment and its ReplicaSet: proof-759949b748   1     1     0     0s',
    ])
  })

  const cases: readonly [title: string, question: RegExp, answer: Partial<Answer>, falls: string[]][] = [
    [
      'a member that has not started',
      /member list/,
      { text: members.replace('started | etcd-master-3', 'unstarted |  ') },
      ["etcd's members"],
    ],
    ['a member that only learns', /member list/, { text: members.replace('false', ' true') }, ["etcd's members"]],
    [
      'a member that is missing',
      /member list/,
      { text: members.replace(/.*etcd-master-1.*\n/, '') },
      ["etcd's members"],
    ],
    ['etcd without a leader', /endpoint status/, { text: health.replace(' true', 'false') }, ["etcd's leader"]],
    ['an endpoint that does not answer', /endpoint status/, { worked: false }, ["etcd's leader"]],
    [
      'a load balancer that refuses',
      /server=https:\/\/192\.168\.1\.34:6443 /,
      {
        text: 'The connection to the server 192.168.1.34:6443 was refused - did you specify the right host or port?',
        worked: false,
      },
      ['/readyz of the load balancer (https://192.168.1.34:6443)'],
    ],
    ['a scheduler that nobody leads', /lease kube-scheduler/, { text: '' }, ['the leader of kube-scheduler']],
    [
      'a deployment without a ReplicaSet',
      /create deployment/,
      { text: 'deployment.apps/proof created', worked: false },
      ['a deployment and its ReplicaSet'],
    ],
  ]
  for (const [title, question, answer, falls] of cases) {
    it(`falls for ${title}`, async () => {
      expect(fallen(await proof(cluster((script) => (question.test(script) ? answer : undefined))))).to.deep.equal(
        falls,
      )
    })
  }
})
