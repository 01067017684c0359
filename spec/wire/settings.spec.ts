import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { becomeFrom, settingsFrom } from '../../engine/wire/settings.ts'
import { parseSshArguments } from '../../engine/wire/ssh-arguments.ts'

const look = (vars: Record<string, unknown>) => (name: string) => vars[name]

describe('connection settings', () => {
  it("reads Ansible's variables, which win over the command line", () => {
    const vars = {
      ansible_host: '10.0.0.9',
      ansible_port: '2222',
      ansible_user: 'admin',
      ansible_ssh_pass: 'secret',
      ansible_ssh_private_key_file: '/k',
      ansible_timeout: 5,
    }
    const settings = settingsFrom('web1', look(vars), { user: 'other', timeout: 1 })
    expect(settings).to.include({
      host: 'web1',
      address: '10.0.0.9',
      port: 2222,
      user: 'admin',
      password: 'secret',
      privateKeyFile: '/k',
      timeout: 5000,
      connection: 'ssh',
    })
  })

  it('leaves unset what nobody said', () => {
    const settings = settingsFrom('web1', look({}))
    expect(settings).to.include({
      address: 'web1',
      connection: 'ssh',
      port: undefined,
      user: undefined,
      hostKeyChecking: undefined,
    })
  })

  it('knows the ways to check host keys', () => {
    const checking = (value: unknown) => settingsFrom('h', look({ ansible_host_key_checking: value })).hostKeyChecking
    expect([checking(false), checking('yes'), checking('accept-new'), checking(undefined)]).to.deep.equal([
      'off',
      'strict',
      'accept-new',
      undefined,
    ])
    expect(() => checking('perhaps')).to.throw(Problem, 'true, false or accept-new')
  })

  it('reads the arguments people give to ssh', () => {
    const text = `-o ProxyJump=me@gate:2200 -oStrictHostKeyChecking=no -o "UserKnownHostsFile /a /b" -i '~/my key' -p 23 -o ControlMaster=auto -q -o ConnectTimeout=3`
    expect(parseSshArguments(text, 'h')).to.deep.equal({
      jump: 'me@gate:2200',
      hostKeyChecking: 'off',
      knownHostsFiles: ['/a', '/b'],
      keyFiles: ['~/my key'],
      port: 23,
      timeout: 3000,
    })
    expect(parseSshArguments('-J a,b -o ProxyCommand="ssh -W %h:%p gate"', 'h')).to.deep.equal({
      jump: 'a,b',
      proxyCommand: 'ssh -W %h:%p gate',
    })
  })

  it('refuses what it would have to ignore', () => {
    expect(() => parseSshArguments('-L 1:2:3', 'h')).to.throw(Problem, '-L')
    expect(() => parseSshArguments('-o Foo=bar', 'h')).to.throw(Problem, 'Foo')
    expect(() => parseSshArguments('-o "Port=22', 'h')).to.throw(Problem, 'not closed')
    expect(() => parseSshArguments('-p ssh', 'h')).to.throw(Problem, 'number')
    expect(() => settingsFrom('h', look({ ansible_connection: 'winrm' }))).to.throw(Problem, 'winrm')
    expect(() => settingsFrom('h', look({ ansible_port: 'x' }))).to.throw(Problem, 'ansible_port')
    expect(() => settingsFrom('h', look({ ansible_user: ['a'] }))).to.throw(Problem, 'ansible_user')
  })

  it('knows who to become', () => {
    expect(becomeFrom('h', look({}))).to.include({ method: 'sudo', user: 'root', password: undefined })
    expect(
      becomeFrom('h', look({ ansible_become_user: 'etcd', ansible_become_pass: 'x' }), { user: 'a', method: 'su' }),
    ).to.include({ method: 'su', user: 'etcd', password: 'x' })
    expect(() => becomeFrom('h', look({ ansible_become_method: 'doas' }))).to.throw(Problem, 'doas')
  })
})
