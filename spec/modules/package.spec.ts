import { expect } from 'chai'
import type { PackageState } from '../../engine/state/packages/look.ts'
import {
  type InstalledPackage,
  parseAptSimulation,
  parseDnfSimulation,
  parsePackages,
} from '../../engine/state/reads/package.ts'
import apt from '../../modules/apt.ts'
import dnf from '../../modules/dnf.ts'
import anyManager from '../../modules/package.ts'
import { planOf } from './harness.ts'

const absent: InstalledPackage = { manager: 'apt', version: null }
const at = (version: string): InstalledPackage => ({ manager: 'apt', version })
const state = (installed: Record<string, InstalledPackage>, more: Partial<PackageState> = {}): PackageState => ({
  installed: { dpkg: at('1.21'), ...installed },
  indexAge: 60,
  similar: {},
  ...more,
  // What apt's downloads come to.
  ...{ downloaded: [], old: [], fetched: 0 },
})
const shows = (module: typeof apt, now: PackageState, params: object) =>
  (planOf(module, now, { ...params }).steps ?? []).map((step) => step.show)

const BOTH =
  'NOTE: This is only a simulation!\nInst libopentracing1 (1.6.0-4 Debian:12.11/stable [amd64])\nInst haproxy [2.6.11-1] (2.6.12-1 Debian:12.11/stable [amd64])\nConf haproxy (2.6.12-1 Debian:12.11/stable [amd64])\n'

describe('packages', () => {
  it('are left alone when they are there', () => {
    expect(shows(anyManager, state({ haproxy: at('2.6') }), { name: 'haproxy' })).to.deep.equal([])
    expect(shows(apt, state({ haproxy: at('2.6.12-1') }), { name: 'haproxy=2.6*' })).to.deep.equal([])
    expect(shows(apt, state({ haproxy: absent }), { name: 'haproxy', state: 'absent' })).to.deep.equal([])
  })

  it('are installed in one transaction, whose changes are those that apt foretells', () => {
    const plan = planOf(apt, state({ haproxy: absent, ipset: at('7') }, { simulation: parseAptSimulation(0, BOTH) }), {
      name: ['haproxy', 'ipset'],
    })
    expect(plan.steps?.map((step) => step.show)).to.deep.equal(['install haproxy and 1 more'])
    expect(plan.changes).to.deep.equal([
      { path: 'package libopentracing1', after: '1.6.0-4' },
      { path: 'package haproxy', before: '2.6.11-1', after: '2.6.12-1' },
    ])
    expect(plan.steps?.[0]?.script).to.contain('install -- haproxy')
    expect(plan.steps?.[0]?.effects).to.deep.include({ brings: 'unit', why: 'what the package haproxy would bring' })
  })

  it('fetch the index first when it is old or empty, not when it is fresh', () => {
    const unknown = { simulation: parseAptSimulation(100, 'E: Unable to locate package haproxy\n') }
    const steps = ['fetch the package index', 'install haproxy']
    expect(
      shows(apt, state({ haproxy: absent }, { ...unknown, indexAge: Number.MAX_SAFE_INTEGER }), { name: 'haproxy' }),
    ).to.deep.equal(steps)
    expect(
      shows(apt, state({ haproxy: absent }, { ...unknown, indexAge: 10_000 }), {
        name: 'haproxy',
        update_cache: false,
      }),
    ).to.deep.equal([])
    expect(
      shows(apt, state({ haproxy: absent }), { name: 'haproxy', update_cache: true, cache_valid_time: 3600 }),
    ).to.deep.equal(['install haproxy'])
    expect(
      shows(apt, state({ haproxy: at('2') }, { indexAge: 10_000 }), { name: 'haproxy', update_cache: true }),
    ).to.deep.equal([])
    expect(shows(apt, state({}, { indexAge: 10_000 }), { update_cache: true, cache_valid_time: 3600 })).to.deep.equal([
      'fetch the package index',
    ])
  })

  it('that do not exist are named, with what is near', () => {
    const plan = planOf(
      apt,
      state(
        { haproxi: absent },
        {
          simulation: parseAptSimulation(100, 'E: Unable to locate package haproxi\n'),
          similar: { haproxi: 'haproxy' },
        },
      ),
      { name: 'haproxi' },
    )
    expect([plan.failed, plan.hint]).to.deep.equal([
      'No package "haproxi" is available on this host.',
      'Did you mean "haproxy"?',
    ])
  })

  it('that cannot be installed together say why', () => {
    const text =
      'The following packages have unmet dependencies:\n kubelet : Depends: kubernetes-cni (>= 1.2.0) but it is not going to be installed\nE: Unable to correct problems, you have held broken packages.\n'
    expect(
      planOf(apt, state({ kubelet: absent }, { simulation: parseAptSimulation(100, text) }), { name: 'kubelet' })
        .failed,
    ).to.equal(
      'apt cannot install kubelet: kubelet : Depends: kubernetes-cni (>= 1.2.0) but it is not going to be installed; Unable to correct problems, you have held broken packages.',
    )
  })

  it('are removed only where they are packages themselves; purged when only their configuration is left', () => {
    expect(
      shows(apt, state({ awk: { manager: 'apt', version: '1', providedBy: 'mawk' } }), {
        name: 'awk',
        state: 'absent',
      }),
    ).to.deep.equal([])
    expect(shows(apt, state({ ntp: { ...absent, leftovers: true } }), { name: 'ntp', state: 'absent' })).to.deep.equal(
      [],
    )
    expect(
      shows(apt, state({ ntp: { ...absent, leftovers: true } }), { name: 'ntp', state: 'absent', purge: true }),
    ).to.deep.equal(['remove ntp'])
  })

  it('are not asked of the wrong manager', () => {
    expect(planOf(dnf, state({ haproxy: absent }), { name: 'haproxy' }).failed).to.equal(
      "This host's packages are managed by apt, not dnf.",
    )
    expect(
      planOf(anyManager, state({ dpkg: { manager: null, version: null }, x: { manager: null, version: null } }), {
        name: 'x',
      }).failed,
    ).to.contain('no package manager')
  })
})

describe('the look at packages', () => {
  it('reads dpkg, virtual names too', () => {
    const output =
      'M apt\nP\tbash\tbash\t5.2.15-2+b8\tii \nP\tlibc6\tlibc6:amd64\t2.36-9\tii \nP\tntp\tntp\t1:4.2\trc \nP\tawk\tawk\t\tun \nV\tmawk\t1.3.4\tii \tawk\nV\tgone\t1\trc \tawk, other\n'
    expect(parsePackages(output, ['bash', 'libc6:amd64', 'ntp', 'awk', 'other'])).to.deep.equal([
      { manager: 'apt', version: '5.2.15-2+b8' },
      { manager: 'apt', version: '2.36-9' },
      { manager: 'apt', version: null, leftovers: true },
      { manager: 'apt', version: '1.3.4', providedBy: 'mawk' },
      { manager: 'apt', version: null },
    ])
  })

  it('reads rpm, provided names too', () => {
    const output =
      'M dnf\nR\tbash\t5.1.8-9.el9\tx86_64\tbash bash(x86-64) config(bash) /bin/sh \nno package provides nope\nR\tvim-minimal\t2:8.2.2637-20.el9\tx86_64\tvi vim-minimal \n'
    expect(parsePackages(output, ['bash', 'nope', 'vi', 'vim-minimal.x86_64'])).to.deep.equal([
      { manager: 'dnf', version: '5.1.8-9.el9' },
      { manager: 'dnf', version: null },
      { manager: 'dnf', version: '2:8.2.2637-20.el9', providedBy: 'vim-minimal' },
      { manager: 'dnf', version: '2:8.2.2637-20.el9' },
    ])
  })

  const options: [manager: 'apt' | 'dnf', params: object, words: string][] = [
    ['apt', { allow_change_held_packages: true }, ' --allow-change-held-packages install -- haproxy'],
    ['apt', { fail_on_autoremove: true }, ' --no-remove install -- haproxy'],
    ['apt', { state: 'build-dep' }, ' build-dep -- haproxy'],
    ['apt', { state: 'fixed' }, ' --fix-broken install -- haproxy'],
    ['apt', { force: true }, '--allow-downgrades --allow-unauthenticated --allow-change-held-packages install'],
    ['dnf', { allowerasing: true, nobest: true }, 'dnf -y --allowerasing --nobest install haproxy'],
    ['dnf', { conf_file: '/etc/my dnf.conf' }, "dnf -y -c '/etc/my dnf.conf' install haproxy"],
    [
      'dnf',
      { enable_plugin: ['a'], disable_plugin: ['b', 'c'] },
      "'--disableplugin=b' '--disableplugin=c' '--enableplugin=a'",
    ],
    ['dnf', { cacheonly: true, releasever: '9' }, "dnf -y -C '--releasever=9' install haproxy"],
    ['dnf', { state: 'latest', security: true }, 'dnf -y --security install --best haproxy'],
    ['dnf', { security: true }, 'dnf -y install haproxy'],
    ['dnf', { sslverify: false }, "dnf -y '--setopt=sslverify=False' install haproxy"],
    ['dnf', { install_weak_deps: false }, '--setopt=install_weak_deps=False install haproxy'],
    [
      'dnf',
      { download_only: true, download_dir: '/srv' },
      "dnf -y '--downloaddir=/srv' --downloadonly install haproxy",
    ],
    ['dnf', { installroot: '/mnt/x' }, 'dnf -y --installroot=/mnt/x install haproxy'],
  ]
  for (const [manager, params, words] of options) {
    it(`${manager} is given ${JSON.stringify(params)}`, () => {
      const now = { dpkg: { manager, version: '1' }, haproxy: { manager, version: null } }
      const plan = planOf(manager === 'apt' ? apt : dnf, state(now), { name: 'haproxy', ...params })
      expect(plan.steps?.at(-1)?.script).to.contain(words)
    })
  }

  it('stay as new as they are, unless an older version may be taken', () => {
    const text = 'Downgrading:\n haproxy x86_64 1.0-1.el9 base 1 k\nTransaction Summary\n'
    const dpkg: InstalledPackage = { manager: 'dnf', version: '1' }
    const now = state(
      { dpkg, 'haproxy-1.0': { manager: 'dnf', version: null } },
      { simulation: parseDnfSimulation(1, text) },
    )
    expect(shows(dnf, now, { name: 'haproxy-1.0' })).to.deep.equal([])
    expect(shows(dnf, now, { name: 'haproxy-1.0', allow_downgrade: true })).to.have.length(1)
  })

  it("reads dnf's own forecast", () => {
    const text =
      'Dependencies resolved.\n================\n Package  Architecture Version Repository Size\n================\nInstalling:\n haproxy x86_64 2.4.22-3.el9 appstream 2.2 M\nRemoving:\n old noarch 1-1 @base 1 k\n\nTransaction Summary\n================\nInstall  1 Package\n\nOperation aborted.\n'
    expect(parseDnfSimulation(1, text).moves).to.deep.equal([
      { name: 'haproxy', before: null, after: '2.4.22-3.el9' },
      { name: 'old', before: '1-1', after: null },
    ])
    expect(
      parseDnfSimulation(1, 'No match for argument: nope\nError: Unable to find a match: nope\n').unknown,
    ).to.deep.equal(['nope'])
  })

  it('does not take a cache that is not there for a name that is not', () => {
    const text =
      "Error: Cache-only enabled but no cache for 'mine'\nIgnoring repositories: mine\nNo match for argument: greeter\nError: Unable to find a match: greeter\n"
    const now = state(
      { dpkg: { manager: 'dnf', version: '1' }, greeter: { manager: 'dnf', version: null } },
      {
        simulation: parseDnfSimulation(1, text),
      },
    )
    expect(shows(dnf, now, { name: 'greeter' })).to.deep.equal(['install greeter'])
  })
})
