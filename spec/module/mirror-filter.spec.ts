import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { mirrorFilter } from '../../engine/module/mirror-filter.ts'

const files = [
  'a.pyc',
  'a.py',
  'img/old/a.png',
  'img/new.png',
  'img/a.pyc',
  'deep/img/old/b',
  'deep/.git/config',
  '.git/config',
  '.gitignore',
  'b[1]',
  'b1',
  'x.y',
  'xzy',
  'tmp',
  'deep/tmp/file',
]
/** Options, and what is left of the files. */
const cases: [options: string[], left: string[]][] = [
  [['--exclude=*.pyc'], files.filter((file) => !file.endsWith('.pyc'))],
  [['--exclude=.git'], files.filter((file) => !file.includes('.git/'))],
  [["--exclude='.git'", '--exclude "*.py"'], files.filter((file) => !/\.git\/|\.py$/.test(file))],
  [['--exclude=/img'], files.filter((file) => !file.startsWith('img/'))],
  [['--exclude=img/old'], files.filter((file) => !file.includes('img/old/'))],
  [['--exclude=tmp/'], files.filter((file) => file !== 'deep/tmp/file')],
  [['--exclude=/deep/**'], files.filter((file) => !file.startsWith('deep/'))],
  [['--exclude=deep/***'], files.filter((file) => !file.startsWith('deep/'))],
  [['--exclude=img/*'], files.filter((file) => !file.includes('img/'))],
  [['--exclude=b[0-9]'], files.filter((file) => file !== 'b1')],
  [['--exclude=b\\[1\\]'], files.filter((file) => file !== 'b1')],
  [["--exclude='b\\[1]'"], files.filter((file) => file !== 'b[1]')],
  [['--exclude=b[[]1]'], files.filter((file) => file !== 'b[1]')],
  [['--exclude=x.y'], files.filter((file) => file !== 'x.y')],
  [['--exclude=?.py'], files.filter((file) => file !== 'a.py')],
  [['--include=a.pyc', '--exclude=*.pyc'], files],
  [
    ['--include=*/', '--include=*.png', '--exclude=*'],
    ['img/old/a.png', 'img/new.png'],
  ],
  [['--include=/img/', '--include=*.png', '--exclude=*'], ['img/new.png']],
]

describe("rsync's filters", () => {
  for (const [options, left] of cases)
    it(`${options.join(' ')} leaves ${left.length} of ${files.length}`, () => {
      const filter = mirrorFilter(options)
      expect(files.filter((file) => !filter(file, false))).to.deep.equal(left)
    })

  it('are what rsync makes of them', function () {
    if (spawnSync('rsync', ['--version']).status !== 0) this.skip()
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-filter-'))
    try {
      for (const file of files) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), '')
      }
      for (const [options, left] of cases) {
        // As Ansible hands them over: their quotes count, their wildcards find no files of the shell.
        const script = `set -f; rsync -rn --out-format=%n ${options.join(' ')} "$0/" /nowhere`
        const said = execFileSync('sh', ['-c', script, folder], { encoding: 'utf8' })
        const theirs = said.split('\n').filter((name) => name !== '' && !name.endsWith('/'))
        expect(theirs.sort(), options.join(' ')).to.deep.equal([...left].sort())
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are the only options of rsync that are understood', () => {
    expect(() => mirrorFilter(['--chmod=D755'])).to.throw('synchronize cannot take the option --chmod=D755 of rsync.')
    expect(() => mirrorFilter(['--exclude'])).to.throw('cannot take')
  })
})
