import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { extract } from '../../engine/state/steps/extract.ts'

/** The real tools of small hosts: busybox for the shell and for all that it calls. */
const tools: [string, (folder: string) => { shell: string[]; path: string }][] = [
  ['GNU', () => ({ shell: ['/bin/sh'], path: process.env.PATH! })],
  [
    'busybox',
    (folder) => {
      const path = join(folder, 'applets')
      mkdirSync(path)
      for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n'))
        symlinkSync('/bin/busybox', join(path, applet))
      return { shell: [join(path, 'ash')], path }
    },
  ],
]

for (const [name, made] of tools) {
  describe(`extracting with ${name}`, () => {
    let folder: string
    let dest: string
    let victim: string
    let used: { shell: string[]; path: string }
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tsplay-spec-'))
      dest = join(folder, 'a/dest')
      mkdirSync(dest, { recursive: true })
      victim = join(folder, 'victim')
      writeFileSync(victim, 'untouched\n')
      chmodSync(victim, 0o600)
      used = made(folder)
    })
    afterEach(() => {
      expect(readFileSync(victim, 'utf8')).to.equal('untouched\n')
      expect(statSync(victim).mode & 0o777).to.equal(0o600)
      expect(readdirSync(join(folder, 'a'))).to.deep.equal(['dest'])
      rmSync(folder, { recursive: true, force: true })
    })

    /** Members as [name, fields of Python's TarInfo]; what is not a link holds `x`. */
    function archive(members: [string, Record<string, string>?][]): string {
      const path = join(folder, 'evil.tar')
      const program = `import tarfile,io,json,sys
t=tarfile.open(sys.argv[1],'w',format=tarfile.GNU_FORMAT)
for n,k in json.loads(sys.argv[2]):
  i=tarfile.TarInfo(n); i.size=0 if 'type' in k else 2
  for a in k: setattr(i,a,k[a].encode() if a=='type' else k[a])
  t.addfile(i,io.BytesIO(b'x\\n'))
t.close()`
      execFileSync('python3', [
        '-c',
        program,
        path,
        JSON.stringify(members.map(([name, fields]) => [name, fields ?? {}])),
      ])
      return path
    }

    function run(members: [string, Record<string, string>?][], more: { mode?: string; strip?: number } = {}) {
      const step = extract({
        kind: 'tar',
        archive: archive(members),
        name: 'evil.tar',
        dest,
        id: 'id',
        include: [],
        exclude: [],
        strip: more.strip ?? 0,
        keepOwner: true,
        mode: more.mode,
      })
      const environment = { PATH: used.path, LC_ALL: 'C', TSPLAY_STATE: join(folder, 'state') }
      return spawnSync(used.shell[0]!, ['-c', step.script], { encoding: 'utf8', env: environment, timeout: 20_000 })
    }

    const up = '../'.repeat(12)
    const refused: [string, (victim: string) => [string, Record<string, string>?][]][] = [
      ['an absolute name', (victim) => [['ok'], [victim]]],
      ['a name that climbs', () => [['ok'], ['a/../../victim']]],
      ['a link out', (victim) => [['l', { type: '2', linkname: victim }]]],
      ['a link that climbs', () => [['l', { type: '2', linkname: '../victim' }]]],
      ['a hard link out', (victim) => [['h', { type: '1', linkname: victim }]]],
      ['a hard link that climbs', (victim) => [['h', { type: '1', linkname: `${up}${victim.slice(1)}` }]]],
      ['a link whose name holds an arrow', (victim) => [['x -> y', { type: '2', linkname: victim }], ['x -> y/z']]],
      [
        'a link through a link',
        () => [
          ['s', { type: '2', linkname: '.' }],
          ['t', { type: '2', linkname: 's/s/s/../..' }],
        ],
      ],
      ['a file through a link', () => [['s', { type: '2', linkname: 'd' }], ['s/x']]],
      ['a name with a line end', () => [['a\nb']]],
      ['a link with a line end', () => [['a\nb', { type: '2', linkname: '../victim' }]]],
      ['a pipe', () => [['p', { type: '6' }]]],
    ]
    for (const [what, members] of refused) {
      it(`refuses ${what}`, () => {
        const ended = run(members(victim), { mode: '0777' })
        expect(ended.status, ended.stderr + ended.stdout).to.equal(1)
        expect(ended.stderr).to.contain('refused, nothing was extracted')
        expect(readdirSync(dest)).to.deep.equal([])
      })
    }

    it('does not follow links that are there already', () => {
      mkdirSync(join(folder, 'elsewhere'))
      symlinkSync('../../elsewhere', join(dest, 'l'))
      expect(run([['l/x']]).stderr).to.contain('leads out of')
      expect(run([['l']]).status).to.equal(0)
      expect(readFileSync(join(dest, 'l'), 'utf8')).to.equal('x\n')
      symlinkSync(victim, join(dest, 'm'))
      expect(run([['m']], { mode: '0644' }).status).to.equal(0)
      expect(readdirSync(join(folder, 'elsewhere'))).to.deep.equal([])
    })

    it('changes nothing when a file would take the place of a folder', () => {
      mkdirSync(join(dest, 'z'))
      const ended = run([['a'], ['z']])
      expect(ended.status).to.equal(1)
      expect(ended.stderr).to.contain('z is a folder')
      expect(readdirSync(dest)).to.deep.equal(['z'])
    })

    it('takes odd names and links within', () => {
      const names = ['-n', 'a b', '$(touch x)', '*', 'back\\slash', "it's", 'é']
      const ended = run([
        ...names.map((name): [string] => [name]),
        ['d/f'],
        ['d/l', { type: '2', linkname: '../-n' }],
        ['d/h', { type: '1', linkname: 'd/f' }],
        ['in', { type: '2', linkname: `${dest}/d` }],
      ])
      expect(ended.stderr).to.equal('')
      expect(readdirSync(dest).sort()).to.deep.equal([...names, 'd', 'in'].sort())
      expect(readFileSync(join(dest, 'in/l'), 'utf8')).to.equal('x\n')
      expect(statSync(join(dest, 'd/h')).ino).to.equal(statSync(join(dest, 'd/f')).ino)
      expect(existsSync(join(folder, 'state/unarchive/id'))).to.equal(true)
    })
  })
}
