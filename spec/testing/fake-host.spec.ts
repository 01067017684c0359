import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { defineRead, realPath, sysctl, tree, unit } from 'tsplay'
import { fakeHost } from 'tsplay/testing'

const size = defineRead<string, number | null>({
  name: 'size',
  key: (path) => path,
  items: (paths) => paths.map((path) => `stat -c %s ${path}`),
  parse: (replies) => replies.map((reply) => (reply.status === 0 ? Number(reply.stdout.toString()) : null)),
})

async function said(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (thrown) {
    return (thrown as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('a fake host', () => {
  const host = fakeHost({
    files: {
      '/etc/motd': 'hello\n',
      '/etc/shadow': { content: 'x', mode: '640', owner: 'root', group: 'shadow' },
      '/srv/app': { directory: true, mode: '0750', owner: 'deploy', group: 'deploy' },
      '/srv/app/current': { link: 'releases/2' },
      '/srv/app/releases/2/index.html': 'two',
      '/srv/round': { link: '/srv/round' },
    },
    users: { deploy: { uid: 1000, home: '/home/deploy' } },
    groups: { shadow: { gid: 42 }, deploy: { gid: 1000, members: ['web'] } },
    commands: ['git', '/usr/local/bin/helm'],
    units: { nginx: { active: 'active', file: 'enabled' } },
    sysctls: { 'net.ipv4.ip_forward': '0' },
    answers: { 'package nginx': { manager: 'apt', version: '1.22' }, 'size /broken': new Error('Input/output error') },
    queries: {
      'hostname -f': 'web1.example.org\n',
      'id nobody': { status: 1, stderr: 'no such user' },
      'stat -c %s /x': '17\n',
    },
  })

  it('has files with what is said of them, and the folders above', async () => {
    expect(await host.stat('/etc/motd')).to.include({ type: 'file', mode: '0644', owner: 'root', uid: 0, size: 6 })
    expect(await host.stat('/etc/shadow')).to.include({ mode: '0640', group: 'shadow', gid: 42 })
    expect(await host.stat('/srv')).to.include({ type: 'directory', mode: '0755' })
    expect(await host.stat('/srv/app')).to.include({ mode: '0750', owner: 'deploy', uid: 1000 })
    expect(await host.stat('/etc/none')).to.equal(null)
    expect((await host.content('/etc/motd'))?.toString()).to.equal('hello\n')
    expect(await host.content('/srv')).to.equal(null)
    expect(await host.digest('/etc/motd')).to.equal(createHash('sha256').update('hello\n').digest('hex'))
    expect(await host.digest('/etc/none', 'md5')).to.equal(null)
    expect(await host.list('/etc')).to.deep.equal(['motd', 'shadow'])
    expect(await host.list('/')).to.deep.equal(['etc', 'srv'])
    expect(await host.list('/none')).to.equal(null)
  })

  it('follows links as a host does', async () => {
    expect(await host.stat('/srv/app/current')).to.include({ type: 'link', target: 'releases/2' })
    expect(await host.stat('/srv/app/current', { follow: true })).to.include({ type: 'directory' })
    expect((await host.content('/srv/app/current/index.html'))?.toString()).to.equal('two')
    expect(await host.read(realPath, '/srv/app/current')).to.equal('/srv/app/releases/2')
    expect(await host.stat('/srv/round', { follow: true })).to.equal(null)
    const found = await host.read(tree, { path: '/srv/app', digests: true })
    expect(found?.map(({ relative, type }) => `${relative} ${type}`)).to.deep.equal([
      'current link',
      'releases directory',
      'releases/2 directory',
      'releases/2/index.html file',
    ])
    expect(found?.at(-1)?.sha256).to.equal(createHash('sha256').update('two').digest('hex'))
  })

  it('knows people, commands, units and settings', async () => {
    expect(await host.user('deploy')).to.include({ name: 'deploy', uid: 1000, home: '/home/deploy', shell: '/bin/sh' })
    expect(await host.user('1000')).to.include({ name: 'deploy' })
    expect(await host.user('root')).to.include({ uid: 0, home: '/root' })
    expect(await host.user('nobody')).to.equal(null)
    expect(await host.group('shadow')).to.deep.equal({ name: 'shadow', gid: 42, members: [] })
    expect(await host.group('none')).to.equal(null)
    expect(await host.command('git')).to.equal('/usr/bin/git')
    expect(await host.command('helm')).to.equal('/usr/local/bin/helm')
    expect(await host.command('it')).to.equal(null)
    expect(await host.read(unit, { name: 'nginx.service', scope: 'system' })).to.include({
      load: 'loaded',
      active: 'active',
      file: 'enabled',
    })
    expect(await host.read(unit, { name: 'none.service', scope: 'system' })).to.equal(null)
    expect(await host.read(sysctl, 'net/ipv4/ip_forward')).to.deep.equal({ value: '0' })
    expect(await host.read(sysctl, 'net.none')).to.equal(null)
  })

  it('answers shell texts, and kinds of look of one’s own by them or by value', async () => {
    expect((await host.query('hostname -f')).stdout.toString()).to.equal('web1.example.org\n')
    expect(await host.query('id nobody')).to.include({ status: 1 })
    expect(await host.read(size, '/x')).to.equal(17)
    expect(await said(host.read(size, '/broken'))).to.equal('Input/output error')
  })

  it('shows what to add where it is asked for something that nothing is said about', async () => {
    const bare = fakeHost()
    expect(await said(bare.stat('/etc/motd'))).to.equal(
      'The fake host is asked for "stat /etc/motd", and nothing is said about its files. ' +
        `Add: files: { "/etc/motd": 'its text\\n' }, or an empty object when there are none.`,
    )
    expect(await said(bare.user('deploy'))).to.contain('Add: users: { "deploy": { uid: 1000 } }')
    expect(await said(bare.group('web'))).to.contain('Add: groups: { "web": { gid: 1000 } }')
    expect(await said(bare.command('git'))).to.contain('Add: commands: ["git"], or an empty list')
    expect(await said(bare.query('uptime'))).to.equal(
      `The fake host does not know what this shell text prints. Add: queries: { "uptime": '…' }`,
    )
    expect(await said(bare.read(size, '/x'))).to.equal(
      'The fake host has no answer to the look "size /x". Add: answers: { "size /x": … }, ' +
        `or what its shell text prints: queries: { "stat -c %s /x": '…' }`,
    )
    expect(await said(bare.read(unit, { name: 'a.service', scope: 'system' }))).to.contain('Add: units: { "a.service":')
    expect(await said(bare.read(sysctl, 'vm.x'))).to.contain(`Add: sysctls: { "vm.x": '0' }`)
    expect((await bare.user('root'))?.uid).to.equal(0)
  })

  it('refuses data that contradict themselves', () => {
    expect(() => fakeHost({ files: { 'etc/motd': '' } })).to.throw('a whole path, unlike "etc/motd"')
    expect(() => fakeHost({ files: { '/x': { content: '', directory: true } } })).to.throw('/x is one of content')
    expect(() => fakeHost({ files: { '/x': { owner: 'web' } } })).to.throw(
      'belongs to "web", whom it does not know. Add: users: { "web": { uid: 1000 } }',
    )
  })
})
