import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

describe('unarchive', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    process.env.TSPLAY_STATE = bench.path('state')
    for (const folder of ['out', 'controller', 'kubernetes/server/bin'])
      mkdirSync(bench.path(folder), { recursive: true })
    release('1')
  })
  afterEach(async () => {
    delete process.env.TSPLAY_STATE
    await bench.close()
  })

  /** Two programs and a link, as a release tarball has them. */
  function release(version: string, archive = 'k.tar.gz', flag = '-z'): void {
    for (const name of ['kubectl', 'kubelet']) {
      writeFileSync(bench.path('kubernetes/server/bin', name), `${name} ${version}\n`)
      chmodSync(bench.path('kubernetes/server/bin', name), 0o755)
    }
    if (!existsSync(bench.path('kubernetes/latest'))) symlinkSync('server/bin/kubectl', bench.path('kubernetes/latest'))
    execFileSync('tar', ['-c', flag, '-f', bench.path(archive), '-C', bench.folder, 'kubernetes'])
  }

  /** A tarball with names as evil as wanted. */
  function evil(lines: string): string {
    execFileSync('python3', [
      '-c',
      `import tarfile,io\nt=tarfile.open(${JSON.stringify(bench.path('evil.tar'))},'w')\ndef f(n,**k):\n i=tarfile.TarInfo(n); i.size=2 if 'type' not in k else 0\n for a in k: setattr(i,a,k[a])\n t.addfile(i,io.BytesIO(b'x\\n'))\n${lines}\nt.close()`,
    ])
    return bench.path('evil.tar')
  }

  it('knows "copy: false" as remote_src', async () => {
    const given = { src: bench.path('k.tar.gz'), copy: false, dest: bench.path('out') }
    expect(await bench.settle('unarchive', given)).to.include({ changed: true, state: 'directory' })
    expect(readdirSync(bench.path('out'))).to.deep.equal(['kubernetes'])
  })

  it('extracts named programs, and does nothing the second time', async () => {
    const given = {
      src: bench.path('k.tar.gz'),
      remote_src: true,
      dest: bench.path('out'),
      include: ['kubernetes/server/bin/kubectl'],
      strip_components: 3,
      mode: '0750',
    }
    const result = await bench.settle('unarchive', { ...given, list_files: true })
    expect(result).to.include({ changed: true, handler: 'TgzArchive' })
    expect(result.files).to.deep.equal(['kubectl'])
    expect(result).to.include({ state: 'directory', uid: process.getuid!() })
    expect(result).to.include.keys('gid', 'owner', 'group', 'mode', 'size')
    expect(readdirSync(bench.path('out'))).to.deep.equal(['kubectl'])
    expect(bench.read('out/kubectl')).to.equal('kubectl 1\n')
    expect(bench.mode('out/kubectl')).to.equal('0750')
    const trips = bench.connection.roundTrips
    await bench.apply('unarchive', given)
    expect(bench.connection.roundTrips - trips).to.equal(1)
  })

  it('notices another version, a missing and a tampered file, and other attributes', async () => {
    const given = {
      src: bench.path('k.tar.gz'),
      remote_src: true,
      dest: bench.path('out'),
      extra_opts: ['--strip-components=2'],
    }
    await bench.settle('unarchive', given)
    expect(readdirSync(bench.path('out')).sort()).to.deep.equal(['bin'])
    release('2')
    expect((await bench.settle('unarchive', given)).diff![0]!.before).to.equal('the files of another archive')
    expect(bench.read('out/bin/kubelet')).to.equal('kubelet 2\n')
    rmSync(bench.path('out/bin/kubelet'))
    expect((await bench.settle('unarchive', given)).diff![0]!.before).to.equal('bin/kubelet is missing')
    writeFileSync(bench.path('out/bin/kubectl'), 'kubectl 9\n')
    expect((await bench.settle('unarchive', given)).diff![0]!.before).to.equal('bin/kubectl was changed')
    expect(bench.read('out/bin/kubectl')).to.equal('kubectl 2\n')
    utimesSync(bench.path('out/bin/kubectl'), 1, 1)
    expect((await bench.settle('unarchive', given)).changed).to.equal(false)
    expect((await bench.settle('unarchive', { ...given, mode: '0700' })).changed).to.equal(true)
    expect(bench.mode('out/bin/kubectl')).to.equal('0700')
  })

  for (const [archive, flag] of [
    ['k.tar', '--no-auto-compress'],
    ['k.tar.bz2', '-j'],
    ['k.tar.xz', '-J'],
  ] as const) {
    it(`reads ${archive}`, async () => {
      release('1', archive, flag)
      await bench.settle('unarchive', { src: bench.path(archive), remote_src: true, dest: bench.path('out') })
      expect(readFileSync(bench.path('out/kubernetes/latest'), 'utf8')).to.equal('kubectl 1\n')
    })
  }

  it('reads zip, and strips there too', async () => {
    execFileSync('zip', ['-q', '-r', bench.path('k.zip'), 'kubernetes/server'], { cwd: bench.folder })
    await bench.settle('unarchive', {
      src: bench.path('k.zip'),
      remote_src: true,
      dest: bench.path('out'),
      include: ['kubernetes/server'],
      exclude: ['*/kubelet'],
      strip_components: 2,
    })
    expect(readdirSync(bench.path('out/bin'))).to.deep.equal(['kubectl'])
  })

  it('sends an archive of the controller', async () => {
    release('1', 'controller/k.tar.gz')
    await bench.settle('unarchive', { src: 'k.tar.gz', dest: bench.path('out') })
    expect(bench.read('out/kubernetes/server/bin/kubectl')).to.equal('kubectl 1\n')
    expect(readdirSync(bench.path('out'))).to.deep.equal(['kubernetes'])
  })

  const traps: [string, string, RegExp][] = [
    ['an absolute name', `f('/tmp/tsplay-evil')`, /absolute name \/tmp\/tsplay-evil/],
    ['a name that climbs out', `f('ok')\nf('a/../../evil')`, /the name a\/\.\.\/\.\.\/evil in the archive leads out/],
    [
      'a link that points out',
      `f('a/l',type=b'2',linkname='../../etc')`,
      /the link a\/l in the archive points to \.\.\/\.\.\/etc/,
    ],
    ['a link to an absolute place', `f('l',type=b'2',linkname='/etc/passwd')\nf('l/x')`, /points to \/etc\/passwd/],
    [
      'a hard link that points out',
      `f('h',type=b'1',linkname='../../etc/passwd')`,
      /\.\.\/\.\.\/etc\/passwd in the archive leads out/,
    ],
  ]
  for (const [what, lines, expected] of traps) {
    it(`refuses ${what}, with nothing written`, async () => {
      const problem = await problemOf(
        bench.apply('unarchive', { src: evil(lines), remote_src: true, dest: bench.path('out') }),
      )
      expect(problem.message)
        .to.match(/refused, nothing was extracted/)
        .and.match(expected)
      expect(readdirSync(bench.path('out'))).to.deep.equal([])
      expect(existsSync('/tmp/tsplay-evil')).to.equal(false)
    })
  }

  it('lets links within be, and counts what strip takes away', async () => {
    await bench.settle('unarchive', {
      src: evil(`f('top/a/x')\nf('top/a/l',type=b'2',linkname='../b')`),
      remote_src: true,
      dest: bench.path('out'),
      strip_components: 1,
    })
    const problem = await problemOf(
      bench.apply('unarchive', {
        src: evil(`f('top/l',type=b'2',linkname='../b')`),
        remote_src: true,
        dest: bench.path('out'),
        strip_components: 1,
      }),
    )
    expect(problem.message).to.contain('the link l in the archive points to ../b')
  })

  it('says what is wrong', async () => {
    const given = { src: bench.path('k.tar.gz'), remote_src: true, dest: bench.path('out') }
    expect((await problemOf(bench.apply('unarchive', { ...given, include: ['kubernetes/none'] }))).message).to.contain(
      'the archive holds no kubernetes/none',
    )
    expect((await bench.apply('unarchive', { ...given, dest: bench.path('nowhere') })).result.msg).to.contain(
      'must be a folder that exists',
    )
    expect((await bench.apply('unarchive', { ...given, src: bench.path('none') })).result.msg).to.contain(
      'Could not find the archive',
    )
    expect((await bench.apply('unarchive', { ...given, checksum: `sha256:${'0'.repeat(64)}` })).result.msg).to.match(
      /is [0-9a-f]{64}, expected 0{64}; nothing was extracted/,
    )
    writeFileSync(bench.path('text.tar.gz'), 'no archive')
    expect(
      (await problemOf(bench.apply('unarchive', { ...given, src: bench.path('text.tar.gz') }))).message,
    ).to.contain('is not an archive that tar can read')
    expect((await problemOf(bench.apply('unarchive', { ...given, extra_opts: ['--transform=x'] }))).message).to.contain(
      'cannot be "--transform=x"',
    )
    expect((await bench.apply('unarchive', { ...given, creates: bench.path('out') })).result).to.include({
      changed: false,
      msg: `skipped, since ${bench.path('out')} exists`,
    })
  })

  it('predicts the files for later tasks of a dry run', async () => {
    await bench.check('unarchive', {
      src: bench.path('k.tar.gz'),
      remote_src: true,
      dest: bench.path('out'),
      include: ['kubernetes/server/bin/kubectl'],
      strip_components: 3,
    })
    expect(
      (await bench.check('file', { path: bench.path('out/kubectl'), state: 'file', mode: '0755' })).result,
    ).to.include({ changed: false, mode: '0755' })
    expect(readdirSync(bench.path('out'))).to.deep.equal([])
  })
})
