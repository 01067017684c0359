import { expect } from 'chai'
import { isUnknown, TouchedUnknown } from '../../engine/base/unknown.ts'
import { type Arrival, aptArrival, arrivalEffects, parseArrival } from '../../engine/state/packages/arrival.ts'
import { foreseePackages } from '../../engine/state/packages/foresight.ts'
import { parseUnpacked, planPackages } from '../../engine/state/packages/plan.ts'
import { dnfArrival, parseDnfArrival } from '../../engine/state/packages/rpm-arrival.ts'
import { PredictedFiles } from '../../engine/state/predicted-files.ts'
import { parseAptSimulation } from '../../engine/state/reads/package.ts'
import type { Host } from '../../engine/state/view.ts'

const unitText = '[Service]\nExecStart=/usr/sbin/greeter\n'
const encoded = (text: string) => Buffer.from(text).toString('base64')
const package_ = (files: readonly string[], more: readonly string[] = []) =>
  ['== simulation', 'Inst greeter (1.0 Debian:12/stable [amd64])', '== status 0', '== merged']
    .concat(['== package greeter', ...files, ...more])
    .join('\n')
const listed = {
  folder: 'drwxr-s---\troot/adm\t0\t/etc/greeter/',
  conf: '-rw-r-----\troot/adm\t6\t/etc/greeter/greeter.conf',
  program: '-rwxr-xr-x\troot/root\t99\t/usr/sbin/greeter',
  link: 'lrwxrwxrwx\troot/root\t0\t/usr/bin/hello -> ../sbin/greeter',
  unit: '-rw-r--r--\troot/root\t36\t/lib/systemd/system/greeter.service',
}
const enable = "== script     deb-systemd-helper enable 'greeter.service' >/dev/null || true"
const start = "== script     deb-systemd-invoke $_dh_action 'greeter.service' >/dev/null || true"
const effects = (text: string) => arrivalEffects(parseArrival(text).packages ?? [])
const content = (text = unitText) => `== content /lib/systemd/system/greeter.service\n${encoded(text)}`
const unitOf = (text: string) =>
  effects(text).find((effect) => ('key' in effect && effect.key === 'greeter.service') || undefined)

describe('what is seen in packages before they are installed', () => {
  it('are their files, with mode, owner, content and target', () => {
    const text = package_(
      [listed.folder, listed.conf, listed.program, listed.link],
      [`== content /etc/greeter/greeter.conf\n${encoded('hello\n')}`],
    )
    const files = effects(text).flatMap((effect) => ('file' in effect ? effect.file : []))
    expect(files.slice(0, 2)).to.deep.equal([
      { path: '/etc/greeter', type: 'directory', mode: '2750', owner: 'root', group: 'adm' },
      {
        path: '/etc/greeter/greeter.conf',
        type: 'file',
        mode: '0640',
        owner: 'root',
        group: 'adm',
        size: 6,
        content: Buffer.from('hello\n'),
      },
    ])
    expect(files[2]).to.include({ path: '/usr/sbin/greeter', mode: '0755' })
    expect(isUnknown(files[2]?.content)).to.equal(true)
    expect(files[3]).to.deep.equal({ path: '/usr/bin/hello', type: 'link', target: '../sbin/greeter' })
  })

  it('are commands', () => {
    const commands = effects(package_([listed.program, listed.link, listed.conf]))
    expect(commands).to.deep.include({ read: 'command', key: 'greeter', gives: '/usr/sbin/greeter' })
    expect(commands).to.deep.include({ read: 'command', key: 'hello', gives: '/usr/bin/hello' })
    expect(commands.filter((effect) => 'read' in effect)).to.have.length(2)
  })

  it('are units that their scripts enable and start', () => {
    expect(unitOf(package_([listed.unit], [enable, start, content()]))).to.deep.equal({
      read: 'unit',
      key: 'greeter.service',
      gives: {
        load: 'loaded',
        active: 'active',
        sub: 'running',
        file: 'enabled',
        needsReload: false,
        fragment: '/usr/lib/systemd/system/greeter.service',
      },
    })
    expect(unitOf(package_([listed.unit], [enable, content()]))).to.have.nested.property('gives.active', 'inactive')
    expect(unitOf(package_([listed.unit], [content()])), 'the file says enough').to.equal(undefined)
  })

  it('leave open what rests on more than the package', () => {
    const open = { outdates: 'unit', key: 'greeter.service', why: 'what the package greeter would bring' }
    const conditional = `[Unit]\nConditionPathExists=/etc/greeter/on\n${unitText}`
    expect(unitOf(package_([listed.unit], [enable, start, content(conditional)]))).to.deep.equal(open)
    expect(unitOf(package_([listed.unit], [enable, start, content(`${unitText}Type=oneshot\n`)]))).to.deep.equal(open)
    expect(unitOf(package_([listed.unit], ['== policy', enable, start, content()]))).to.deep.equal(open)
    expect(unitOf(package_(['-rwxr-xr-x\troot/root\t9\t/etc/init.d/greeter']))).to.deep.equal(open)
    const why = 'what the package greeter would bring'
    expect(effects(package_([], ['== script adduser --system greeter']))).to.deep.equal([
      { brings: 'user', why },
      { brings: 'group', why },
    ])
    expect(effects(package_([], ['== script update-alternatives --install x']))).to.deep.equal([
      { brings: 'command', why },
    ])
    expect(effects(package_([]))).to.deep.equal([])
  })

  it('are not seen when apt refuses, or they are too many', () => {
    expect(parseArrival('== simulation\nE: Unable to locate package x\n== status 100\n')).to.deep.include({
      unseen: 'the manager refuses to bring them',
    })
    const large = parseArrival('== simulation\nInst x (1 y [all])\n== status 0\n== unseen they are 300 MB\n')
    expect(large.packages).to.equal(undefined)
    expect(large.simulation.moves).to.deep.equal([{ name: 'x', before: null, after: '1' }])
  })
})

describe('what is seen in packages of dnf', () => {
  const installing =
    'Installing:\n greeter   noarch   1:1.0-1   mine   8.7 k\nInstalling dependencies:\n libgreet-with-a-name-that-is-rather-long\n           noarch   2-1       mine   6.2 k\n\nTransaction Summary\n'
  const rpm = (...more: string[]) =>
    ['== simulation', installing, '== status 1', '== package greeter', ...more].join('\n')
  const install = '[Install]\nWantedBy=multi-user.target\n'

  it('are their versions, files and units as presets enable them', () => {
    const { simulation, packages = [] } = parseDnfArrival(
      rpm(
        '-rw-r-----\troot/adm\t6\t/etc/greeter/greeter.conf',
        '-rw-r--r--\troot/root\t36\t/usr/lib/systemd/system/greeter.service',
        '== script useradd -r greeter',
        '== preset enable greeter.service',
        `== content /usr/lib/systemd/system/greeter.service\n${encoded(unitText + install)}`,
      ),
    )
    expect(simulation.moves).to.deep.equal([
      { name: 'greeter', before: null, after: '1:1.0-1' },
      { name: 'libgreet-with-a-name-that-is-rather-long', before: null, after: '2-1' },
    ])
    expect(packages).to.have.length(1)
    expect(packages[0]).to.deep.include({ users: true, enabled: ['greeter.service'], started: [] })
    expect(packages[0]?.files.map(({ path }) => path)).to.include('/etc/greeter/greeter.conf')
  })

  it('are units that nothing can enable', () => {
    const { packages } = parseDnfArrival(
      rpm(
        '-rw-r--r--\troot/root\t36\t/usr/lib/systemd/system/greeter.service',
        '== preset enable greeter.service',
        `== content /usr/lib/systemd/system/greeter.service\n${encoded(unitText)}`,
      ),
    )
    expect(packages?.[0]?.enabled).to.deep.equal([])
  })

  it('are none when dnf has no answer', () => {
    const said = 'Error: \n Problem: conflicting requests\n  - nothing provides x needed by greeter-1:1.0-1.noarch\n'
    expect(parseDnfArrival(`== simulation\n${said}\n== status 1\n`)).to.deep.include({
      unseen: 'the manager refuses to bring them',
    })
  })
})

describe('where packages come from', () => {
  const kinds = { 'apt-arrival': aptArrival, 'dnf-arrival': dnfArrival }
  for (const [name, path] of [
    ['apt-arrival', '/etc/apt/sources.list.d/mine.list'],
    ['dnf-arrival', '/etc/yum.repos.d/mine.repo'],
  ] as const)
    it(`is not known to ${name} where a dry run would write it`, async () => {
      const files = new PredictedFiles()
      const ask = { words: 'install greeter', fetch: true, known: [] }
      const none = async (): Promise<Arrival> => ({ simulation: parseAptSimulation(0, '') })
      expect(kinds[name].predicted?.(files, ask, none)).to.equal(undefined)
      files.apply({ path, type: 'file', content: Buffer.from('x') })
      const thrown = await kinds[name].predicted?.(files, ask, none)?.catch((problem: Error) => problem)
      expect(thrown).to.be.instanceOf(TouchedUnknown)
    })
})

describe('what a dry run foresees of packages', () => {
  const request = { manager: 'apt', names: ['greeter'], state: 'present', lockTimeout: 0 } as const
  const dpkg = { manager: 'apt', version: '1' } as const
  const state = { installed: { dpkg, greeter: { manager: 'apt', version: null } }, indexAge: 0, similar: {} } as const
  const simulation = (text: string, status = 0) => parseAptSimulation(status, text)
  const both = simulation('Inst libgreet (2 Debian [amd64])\nInst greeter (1.0 Debian [amd64])\n')

  /** A host whose looks give this; what was foretold before is `names`. */
  const foresee = (arrival: Arrival, before: object = { names: [], moves: [] }) => {
    const answers: Record<string, unknown> = {
      'foretold-packages': before,
      'apt-simulation': both,
      'apt-arrival': arrival,
    }
    const look = async (kind: { name: string }) => answers[kind.name]
    return foreseePackages({ read: look, maybe: look } as unknown as Host, state, planPackages(state, request), request)
  }

  it('are all that come, with their versions', async () => {
    const seen = await foresee({ simulation: both, packages: [] })
    expect(seen?.changes).to.deep.equal([
      { path: 'package libgreet', after: '2' },
      { path: 'package greeter', after: '1.0' },
    ])
    expect(seen?.effects?.filter((effect) => 'brings' in effect)).to.deep.equal([])
    expect(seen?.effects).to.deep.include({ read: 'package', key: 'libgreet', gives: { manager: 'apt', version: '2' } })
  })

  it('are not those that a task before has brought', async () => {
    const moves = [{ name: 'libgreet', before: null, after: '2' }]
    const seen = await foresee({ simulation: both, packages: [] }, { names: ['other'], moves })
    expect(seen?.changes).to.deep.equal([{ path: 'package greeter', after: '1.0' }])
  })

  it('stay open where they were not looked into, and why', async () => {
    const seen = await foresee({ simulation: both, unseen: 'they are 300 MB' })
    expect(seen?.changes).to.have.length(2)
    const why = 'what the package greeter would bring (not looked into: they are 300 MB)'
    expect(seen?.effects).to.deep.include({ brings: 'unit', why })
  })

  it('fail as the run would', async () => {
    const unknown = simulation('E: Unable to locate package greeter\n', 100)
    expect((await foresee({ simulation: unknown, unseen: 'x' }))?.failed).to.contain('No package "greeter"')
    const held = simulation('E: Unable to correct problems, you have held broken packages.\n', 100)
    expect((await foresee({ simulation: held, unseen: 'x' }))?.failed).to.contain('apt cannot install greeter')
  })
})

describe('what dpkg says it did', () => {
  it('is read from its output', () => {
    const text = [
      'Preparing to unpack .../curl_8_amd64.deb ...',
      'Unpacking curl (8.0-1) ...',
      'Unpacking libc6:amd64 (2.37) over (2.36) ...',
      'Setting up curl (8.0-1) ...',
      'Removing nano (7.2) ...',
    ].join('\n')
    expect(parseUnpacked(text)).to.deep.equal([
      { name: 'curl', before: null, after: '8.0-1' },
      { name: 'libc6', before: '2.36', after: '2.37' },
      { name: 'nano', before: '7.2', after: null },
    ])
  })
})
