import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { Workbench } from '../modules/workbench.ts'

const NOBODY = 65_534
const ROUNDS = 15

/**
 * What somebody does who waits for root to come by: the name is a file, a link to root's, a folder, a link to root's
 * folder, and nothing, in turn; every temporary folder is put away, and a link to root's is in its place.
 */
const RACER = `
const fs = require('node:fs'), { join } = require('node:path')
const [folder, victim, how, called] = process.argv.slice(1)
const name = join(folder, called)
const tried = (work) => { try { work() } catch {} }
const gone = () => { tried(() => fs.unlinkSync(name)); tried(() => fs.rmSync(name, { recursive: true })) }
const ways = [
  () => fs.writeFileSync(name, 'theirs'),
  () => fs.mkdirSync(name),
  () => {},
  // Unless a link is what the task is about: who edits a text edits the one that a link leads to.
  ...(how === 'through' ? [] : ['file', 'nothing'].map((there) => () => fs.symlinkSync(join(victim, there), name))),
  // Unless the name of a folder means: into it, and a link to one is as good.
  ...(how === 'into' ? [] : [() => fs.symlinkSync(victim, name)]),
]
let moved = 0
process.stdout.write('ready')
for (let round = 0; ; round++) {
  gone()
  tried(ways[round % ways.length])
  for (const found of fs.readdirSync(folder)) {
    if (!found.startsWith('.tsplay-')) continue
    tried(() => fs.renameSync(join(folder, found), join(folder, 'moved' + moved++)))
    tried(() => fs.symlinkSync(victim, join(folder, found)))
  }
  const until = process.hrtime.bigint() + BigInt(Math.floor(Math.random() * 3e6))
  while (process.hrtime.bigint() < until);
}`

describe('links that others put where root writes', function () {
  this.timeout(120_000)
  const bench = new Workbench()
  const victim = bench.path('victim')
  const theirs = bench.path('theirs')
  const it_ = join(theirs, 'it')
  let racer: ChildProcess

  /** What is tried again and again, and comes out one way or another. */
  const tasks: Readonly<
    Record<string, readonly [module: string, params: Record<string, unknown>, how?: 'into' | 'through']>
  > = {
    'a file': ['copy', { dest: it_, content: 'ours', mode: '0666', owner: 'nobody' }],
    'a file, the old one kept': ['copy', { dest: it_, content: 'ours', backup: true }],
    'a large file': ['copy', { dest: it_, src: 'large' }, 'into'],
    'a file of the host': ['copy', { dest: it_, src: bench.path('source'), remote_src: true }, 'into'],
    'a line': ['lineinfile', { path: it_, line: 'ours', create: true }, 'through'],
    'a block': ['blockinfile', { path: it_, block: 'ours', create: true }, 'through'],
    'a setting': ['ini_file', { path: it_, section: 'ours', option: 'a', value: 'b', create: true }, 'through'],
    'another text': ['replace', { path: it_, regexp: 'theirs', replace: 'ours' }, 'through'],
    'parts of a file': ['assemble', { src: bench.path('parts'), dest: it_, remote_src: true }],
    'an empty file': ['file', { path: it_, state: 'touch', follow: false }],
    'a mode': ['file', { path: it_, state: 'file', mode: '0666', follow: false }],
    'an owner': ['file', { path: it_, state: 'file', owner: 'nobody', follow: false }],
    'a folder': ['file', { path: it_, state: 'directory', mode: '0777', owner: 'nobody', follow: false }],
    'a link': ['file', { path: it_, src: '/nowhere', state: 'link', force: true }],
    'nothing any more': ['file', { path: it_, state: 'absent' }],
    'a download': ['get_url', { url: `file://${bench.path('source')}`, dest: it_, force: true }, 'into'],
    'an archive that is packed': ['archive', { path: bench.path('parts'), dest: it_ }],
    'an archive that is extracted': ['unarchive', { src: bench.path('tree.tar'), dest: theirs, remote_src: true }],
    'a temporary file': ['tempfile', { path: theirs }],
    'the last commit, packed': [
      'git',
      { repo: bench.path('code'), dest: bench.path('clone'), archive: join(theirs, 'it.tar') },
    ],
    'a file that is brought': ['fetch', { src: bench.path('source'), dest: it_, flat: true }],
  }

  before(async function () {
    if (process.getuid?.() !== 0) return this.skip()
    chmodSync(bench.folder, 0o755)
    mkdirSync(join(victim, 'tree'), { recursive: true })
    for (const name of ['file', 'new', 'archive', 'list', 'names', 'kept', 'tree/file', 'tree/it'])
      writeFileSync(join(victim, name), 'root alone', { mode: 0o600 })
    mkdirSync(bench.path('parts'))
    for (const name of ['1', '2']) writeFileSync(bench.path('parts', name), name)
    writeFileSync(bench.path('source'), 'source')
    mkdirSync(bench.path('controller'))
    writeFileSync(bench.path('controller/large'), Buffer.alloc(300_000, 'x'))
    mkdirSync(bench.path('packed'))
    for (const name of ['it', 'file', 'new']) writeFileSync(bench.path('packed', name), 'packed')
    await bench.apply('command', { cmd: `tar -cf ${bench.path('tree.tar')} -C ${bench.path('packed')} .` })
    const made = `cd ${bench.path('packed')} && git init -q && git add it && git -c user.name=a -c user.email=a@b commit -qm a`
    await bench.apply('shell', { cmd: `${made} && mv .git ${bench.path('code')}` })
  })
  async function race(called: string, how = ''): Promise<void> {
    mkdirSync(theirs)
    chownSync(theirs, NOBODY, NOBODY)
    const words = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, '-e', RACER]
    racer = spawn('setpriv', [...words, theirs, victim, how, called], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => racer.stdout!.once('data', resolve))
  }
  afterEach(async () => {
    const ended = new Promise((resolve) => racer.once('exit', resolve))
    racer.kill('SIGKILL')
    await ended
    rmSync(theirs, { recursive: true })
  })
  after(() => bench.close())

  for (const [what, [module, params, how]] of Object.entries(tasks))
    it(`lead nowhere: ${what}`, async () => {
      const before = seen(victim)
      await race(module === 'git' ? 'it.tar' : 'it', how)
      for (let round = 0; round < ROUNDS; round++) {
        await bench.run(module, params, false).catch((thrown: unknown) => {
          if (!(thrown instanceof Problem)) throw thrown
        })
        expect(seen(victim)).to.deep.equal(before)
      }
    })
})

/** All that is in a folder, to the byte. */
function seen(folder: string): string[] {
  return ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort().map((name) => {
    const there = lstatSync(join(folder, name))
    const facts = `${name} ${there.mode.toString(8)} ${there.uid}:${there.gid} ${there.nlink}`
    if (there.isSymbolicLink()) return `${facts} → ${readlinkSync(join(folder, name))}`
    return there.isFile() ? `${facts} ${readFileSync(join(folder, name), 'utf8')}` : facts
  })
}
