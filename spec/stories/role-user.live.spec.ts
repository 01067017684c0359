import { expect } from 'chai'
import { down, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { hosts, inventory, look, recap, Stage, statuses, upWords } from './stage.ts'

const banner = `import { defineModule, write } from 'tsplay'

export default defineModule({
  summary: 'A line between stars.',
  params: {
    type: 'object',
    properties: { path: { type: 'string' }, text: { type: 'string', minLength: 1 } },
    required: ['path', 'text'],
    additionalProperties: false,
  },
  examples: [],
  async probe(host, { path }): Promise<{ now: string | null }> {
    return { now: (await host.content(path))?.toString('utf8') ?? null }
  },
  plan({ now }, { path, text }) {
    const after = \`** \${text} **\\n\`
    if (now === after) return { changes: [], steps: [], result: {} }
    return {
      changes: [{ path, ...(now === null ? {} : { before: now }), after }],
      steps: [write({ path, content: Buffer.from(after), mode: '0644' })],
      result: {},
    }
  },
})
`

describe('live stories: a role of one’s own', function () {
  this.timeout(60_000)
  const stage = new Stage({
    'one.ini': '[web]\nstory-1 ansible_host=192.168.1.171\n',
    'two.yml': `all:
  vars: {ansible_user: deploy}
  children: {db: {hosts: {story-3: {ansible_host: ${hosts['story-3']}}}}}
`,
    'group_vars/web.yml': 'greeter_greeting: Moin\n',
    'site.yml': `- hosts: web, db
  become: true
  roles: [greeter]
`,
  })
  const all = ['run', 'site.yml', '-i', 'one.ini', '-i', 'two.yml']
  before(async function () {
    needsLab.call(this)
    await up(upWords('story-1', 'story-2', 'story-3'))
  })
  after(async () => {
    stage.end()
    await down(['story-1', 'story-2', 'story-3'])
  })

  it('begun by `tsplay init role`, it runs on two inventories, with group_vars over its defaults', async () => {
    const init = await stage.play(['init', 'role', 'greeter'])
    expect(init.status, init.all).to.equal(0)
    expect(init.stdout).to.include('roles/greeter/tasks/main.yml')
    const { status, events, all: said } = await stage.events(all)
    expect(status, said).to.equal(0)
    expect(recap(events)).to.have.nested.property('story-1.changed', 1)
    expect(statuses(events).filter((line) => line.includes('Say that it changed'))).to.have.length(2)
    expect(await look('story-1', 'cat /tmp/greeter.txt; stat -c %U /tmp/greeter.txt')).to.equal(
      'Moin from story-1.\nroot',
    )
    expect(await look('story-3', 'cat /tmp/greeter.txt')).to.equal('Hello from story-3.')
    const again = await stage.events(all)
    expect(recap(again.events)).to.have.nested.property('story-3.changed', 0)
    expect(statuses(again.events).filter((line) => line.includes('Say that it changed'))).to.have.length(0)
  })

  it('with a module in TypeScript, tags and --limit', async () => {
    stage.write({
      'roles/greeter/modules/banner.ts': banner,
      'roles/greeter/tasks/main.yml': `- name: A file that says hello
  template: {src: greeting.hbs, dest: "/tmp/greeter.txt", mode: '0644'}
  tags: [text]
- name: A banner
  banner: {path: /etc/issue.net, text: "{{greeter_greeting}}"}
  tags: [banner]
  notify: Say that it changed
`,
    })
    const words = [...all, '-t', 'banner', '-l', 'web']
    const check = await stage.play([...words, '--check', '--diff'])
    expect(check.status, check.all).to.equal(0)
    expect(check.stdout).to.match(/^\+ ?\*\* Moin \*\*$/m)
    const { status, events, all: said } = await stage.events([...words, '--verify'])
    expect(status, said).to.equal(0)
    expect(statuses(events).map((line) => line.replace('greeter : ', ''))).to.deep.equal([
      'A banner: story-1 changed',
      'Say that it changed: story-1 ok',
    ])
    expect(await look('story-1', 'cat /etc/issue.net')).to.equal('** Moin **')
    expect(recap((await stage.events(words)).events)).to.have.nested.property('story-1.changed', 0)
    const wrong = await stage.play([...words, '-e', '{"greeter_greeting": ""}'])
    expect(wrong.status, wrong.all).to.equal(1)
    expect(wrong.stderr).to.match(/greeter_greeting/)
  })

  it('by way of a jump host', async () => {
    stage.write({
      'jump.ini': inventory(
        { ansible_user: 'deploy', ansible_ssh_common_args: `"-o ProxyJump=root@${hosts['story-2']}"` },
        ['story-1', 'story-3'],
      ),
      'who.yml':
        '- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: from, shell: "echo $SSH_CLIENT", register: from}\n    - debug: {msg: "from {{from.stdout}}"}\n',
    })
    const { status, all: said } = await stage.play(['run', 'who.yml', '-i', 'jump.ini'])
    expect(status, said).to.equal(0)
    expect(said.match(new RegExp(`from ${hosts['story-2'].replaceAll('.', '\\.')} `, 'g'))).to.have.length(2)
  })

  it('on a host with dash for a login shell, and one whose shell talks at login', async () => {
    await look('story-1', 'usermod -s /bin/dash deploy')
    await look('story-3', 'su deploy -c "echo echo welcome >~deploy/.bashrc"')
    const { status, all: said } = await stage.play([...all, '-e', 'greeter_greeting=Salut'])
    expect(status, said).to.equal(0)
    expect(await look('story-1', 'cat /tmp/greeter.txt')).to.equal('Salut from story-1.')
    expect(await look('story-3', 'cat /tmp/greeter.txt')).to.equal('Salut from story-3.')
  })
})
