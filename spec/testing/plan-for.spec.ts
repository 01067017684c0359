import { expect } from 'chai'
import { defineModule, exec, type Module, Unknown, write } from 'tsplay'
import { fakeController, fakeHost, outcomeOf, planFor, settles } from 'tsplay/testing'
import copy from '../../modules/copy.ts'
import file from '../../modules/file.ts'
import lineinfile from '../../modules/lineinfile.ts'
import set_fact from '../../modules/set_fact.ts'
import sysctl from '../../modules/sysctl.ts'
import systemd from '../../modules/systemd.ts'
import template from '../../modules/template.ts'

async function said(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (thrown) {
    return (thrown as Error).message
  }
  throw new Error('nothing was thrown')
}

/** Writes a file; its steps are as they are given. */
function writer(effects: Parameters<typeof exec>[0]['effects'], more: { opaque?: boolean } = {}): Module {
  return defineModule({
    summary: 'Write.',
    params: { type: 'object', properties: {}, additionalProperties: false },
    examples: [],
    probe: async (host) => ({ now: (await host.content('/x'))?.toString() ?? null }),
    plan: ({ now }) =>
      now === 'new' ? {} : { steps: [exec({ show: 'write /x', script: 'printf new >/x', effects, ...more })] },
  })
}

describe('planFor', () => {
  it('gives what a module wants to do, with nothing left out', async () => {
    const host = fakeHost({ files: { '/etc/hosts': '127.0.0.1 localhost\n' } })
    const given = { path: '/etc/hosts', line: '10.0.0.1 db' }
    const plan = await planFor(lineinfile, given, host)
    expect(plan.changes).to.deep.equal([
      { path: '/etc/hosts', before: '127.0.0.1 localhost\n', after: '127.0.0.1 localhost\n10.0.0.1 db\n' },
    ])
    expect(plan.steps.map((step) => step.show)).to.deep.equal(['write /etc/hosts (32 bytes)'])
    expect(plan.warnings).to.deep.equal([])
    expect((await planFor(lineinfile, { ...given, line: '127.0.0.1 localhost' }, host)).steps).to.deep.equal([])
  })

  it('checks and completes parameters as a playbook’s are', async () => {
    const host = fakeHost({ files: {} })
    expect(await said(planFor(file, { pth: '/x' }, host))).to.contain('no parameter "pth". Did you mean "path"?')
    expect(await said(planFor(file, { path: '/x', state: 'dir' }, host))).to.contain('state')
    const plan = await planFor(file, { dest: '/x', state: 'directory', mode: '700' }, fakeHost({ files: {} }))
    expect(plan.steps.map((step) => step.show)).to.deep.equal(['make folder /x'])
  })

  it('fills in homes', async () => {
    const host = fakeHost({ files: { '/srv/web': { directory: true } }, users: { web: { home: '/srv/web' } } })
    const plan = await planFor(file, { path: '~web/x', state: 'touch' }, host)
    expect(plan.steps[0]?.show).to.contain('/srv/web/x')
  })

  it('gives what the controller has: files, templates, variables', async () => {
    const files = { 'files/motd': 'from a file\n', 'templates/app.hbs': 'port={{port}}\n' }
    const controller = fakeController({ files, variables: { port: 8080 } })
    const host = fakeHost({ files: { '/etc/motd': 'old\n' } })
    await settles(copy, { src: 'motd', dest: '/etc/motd' }, host, { controller })
    expect((await host.digest('/etc/motd'))?.slice(0, 4)).to.match(/^[0-9a-f]{4}$/)
    await settles(template, { src: 'app.hbs', dest: '/etc/app' }, host, { controller })
    expect((await host.content('/etc/app'))?.toString()).to.equal('port=8080\n')
    expect(await said(planFor(copy, { src: 'none', dest: '/etc/none' }, host, { controller }))).to.contain(
      `The fake controller has no file none. Add: files: { "files/none": '…' }`,
    )
  })

  it('has outcomes of modules that act on the controller only', async () => {
    const { sets } = await outcomeOf(set_fact, { a: 1 })
    expect(sets?.values).to.deep.equal({ a: 1 })
    expect(await said(planFor(set_fact, { a: 1 }, fakeHost()))).to.contain('see outcomeOf')
    expect(await said(outcomeOf(file, { path: '/x' }))).to.contain('see planFor')
  })

  it('says what nobody can know', async () => {
    const host = fakeHost({ answers: { 'content /x': null } })
    host.memory.predict([{ file: { path: '/x', type: 'file', content: new Unknown('the output of "make"') } }])
    expect(await planFor(writer([]), {}, host)).to.include({ mayChange: 'rests on the output of "make"' })
  })
})

describe('settles', () => {
  it('leaves the host as the steps predict', async () => {
    const host = fakeHost({
      files: { '/etc/sysctl.d': { directory: true }, '/etc/systemd/system/app.service': '[Service]\n' },
      units: { app: {} },
      sysctls: { 'vm.swappiness': '60' },
    })
    await settles(file, { path: '/srv/app', state: 'directory', mode: '0750' }, host)
    expect(await host.stat('/srv/app')).to.include({ type: 'directory', mode: '0750' })
    await settles(file, { path: '/srv/now', src: 'app', state: 'link' }, host)
    expect(await host.stat('/srv/now', { follow: true })).to.include({ type: 'directory' })
    await settles(file, { path: '/etc/systemd/system/app.service', state: 'absent' }, fakeHost({ files: {} }))
    const plan = await settles(systemd, { name: 'app', state: 'started', enabled: true }, host)
    expect(plan.steps).not.to.deep.equal([])
    const set = { name: 'vm.swappiness', value: '10', sysctl_file: '/etc/sysctl.d/50-vm.conf' }
    expect((await settles(sysctl, set, host)).changes.length).to.be.greaterThan(0)
    expect((await host.content('/etc/sysctl.d/50-vm.conf'))?.toString()).to.contain('vm.swappiness')
  })

  it('tells a module whose steps do not predict what they do', async () => {
    const host = () => fakeHost({ files: { '/x': 'old' } })
    expect(await said(settles(writer([]), {}, host()))).to.equal(
      'Once it is done, there is still something to do: write /x.',
    )
    expect(await said(settles(writer([{ outdates: 'content', why: 'it wrote' }]), {}, host()))).to.equal(
      'The effects of its steps do not tell whether there is still something to do: it rests on it wrote.',
    )
    expect(await said(settles(writer([], { opaque: true }), {}, host()))).to.contain('it is an opaque command')
    const right = writer([{ file: { path: '/x', type: 'file', content: Buffer.from('new') } }])
    expect((await settles(right, {}, host())).steps).to.have.length(1)
  })

  it('tells a module that fails, at once or when it is done', async () => {
    const fickle = defineModule({
      summary: 'Write once.',
      params: { type: 'object', properties: {} },
      examples: [],
      probe: async (host) => ({ there: (await host.stat('/x')) !== null }),
      plan: ({ there }) =>
        there ? { failed: '/x is there.' } : { steps: [write({ path: '/x', content: Buffer.from('') })] },
    })
    expect(await said(settles(fickle, {}, fakeHost({ files: {} })))).to.equal('Once it is done, it fails: /x is there.')
    expect(await said(settles(fickle, {}, fakeHost({ files: { '/x': '' } })))).to.equal(
      'It comes to no end: /x is there.',
    )
  })
})
