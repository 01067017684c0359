import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
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
import Module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { schemaOf } from '../../engine/module/parameters.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { checkOf } from '../../engine/module/schema-check.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const module = `import { defineModule, write } from 'tsplay'
interface Where { readonly path: string }
const lines = (text: string): number => text.split('\\n').length
export default defineModule({
  summary: 'Keep a mark.',
  params: { type: 'object', properties: { path: { type: 'string', format: 'path' } }, required: ['path'] },
  examples: [{ title: 'A mark', yaml: '- mark: {path: /tmp/mark}' }],
  async probe(host, { path }: Where) {
    return { now: (await host.content(path))?.toString() ?? null }
  },
  plan({ now }, { path }) {
    const wanted = \`a mark of \${lines('one')} line\\n\`
    return now === wanted ? {} : { changes: [{ path, after: wanted }], steps: [write({ path, content: Buffer.from(wanted) })] }
  },
})
`

/** Built aside: a build of the checkout itself would disturb who works with it. */
describe('the package', function () {
  this.timeout(5 * 60_000)
  let folder = ''
  let built = ''
  let user = ''
  let files: string[] = []

  const run = (cwd: string, command: string, ...words: string[]) => {
    const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache'), NODE_OPTIONS: '' }
    return spawnSync(command, words, { cwd, encoding: 'utf8', env })
  }
  const done = (cwd: string, command: string, ...words: string[]) => {
    const { status, stdout, stderr } = run(cwd, command, ...words)
    expect(status, `${[command, ...words].join(' ')}\n${stdout}${stderr}`).to.equal(0)
    return stdout
  }
  const tsplay = (...words: string[]) => done(user, join(user, 'node_modules/.bin/tsplay'), ...words)

  before('build, pack, install into an empty folder', () => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-package-'))
    built = join(folder, 'checkout')
    user = join(folder, 'user')
    mkdirSync(built)
    for (const name of readdirSync(root)) {
      if (['node_modules', 'dist', '.git', '.tsplay'].includes(name)) continue
      cpSync(join(root, name), join(built, name), { recursive: true, filter: (path) => !path.endsWith('.tsplay') })
    }
    // Where playbooks/ha-cluster.yml keeps its authorities, once it was run.
    mkdirSync(join(built, 'playbooks/.tsplay/pki'), { recursive: true })
    writeFileSync(
      join(built, 'playbooks/.tsplay/pki/ca.key'),
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n',
    )
    // Its own node_modules/.bin, for the build puts the command there; the packages are the checkout's.
    mkdirSync(join(built, 'node_modules/.bin'), { recursive: true })
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '.bin') symlinkSync(join(root, 'node_modules', name), join(built, 'node_modules', name))
    }
    for (const name of readdirSync(join(root, 'node_modules/.bin'))) {
      if (name !== 'tsplay') symlinkSync(join(root, 'node_modules/.bin', name), join(built, 'node_modules/.bin', name))
    }
    done(built, 'npm', 'run', '--silent', 'build')
    const [packed] = JSON.parse(done(built, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder))
    files = packed.files.map((file: { path: string }) => file.path)
    mkdirSync(user)
    writeFileSync(join(user, 'package.json'), '{"private": true}')
    done(
      user,
      'npm',
      'install',
      '--omit=dev',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      join(folder, packed.filename),
    )
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('holds what is needed to run, and no more', () => {
    const tops = new Set(files.map((path) => path.split('/')[0]))
    expect([...tops].sort()).to.deep.equal(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'dist',
        'docs',
        'inventory',
        'package.json',
        'playbooks',
        'roles',
      ].sort(),
    )
    expect(files.filter((path) => /(^|\/)(spec|node_modules|\.tsplay)\//.test(path))).to.deep.equal([])
  })

  it('holds no secret', () => {
    const secrets = files.filter((path) =>
      /PRIVATE KEY-----\n[\w+/=]{16}/.test(readFileSync(join(built, path), 'utf8')),
    )
    expect(secrets).to.deep.equal([])
    expect(files.filter((path) => /(^|\/)(\.env|\.npmrc|id_\w+|.*\.(key|pem|p12))$/.test(path))).to.deep.equal([])
  })

  it('brings no development package along', () => {
    for (const name of Object.keys(manifest.devDependencies)) {
      if (name.startsWith('@types/')) continue
      expect(existsSync(join(user, 'node_modules', name)), name).to.equal(false)
    }
  })

  it('says its version', () => {
    expect(done(user, 'npx', '--no-install', 'tsplay', '--version')).to.equal(`tsplay ${manifest.version}\n`)
  })

  it('says what it can do', () => {
    const said = tsplay('--help')
    for (const name of ['run', 'check', 'validate', 'inventory', 'exec', 'doc', 'init']) {
      expect(said).to.match(new RegExp(`^ {2}${name} `, 'm'))
    }
  })

  it('knows its modules', () => {
    expect(tsplay('doc', 'file')).to.match(/^file: .*\n[\s\S]*\nPARAMETERS\n[\s\S]*\nEXAMPLES\n/)
    expect(tsplay('doc').split('\n').length).to.be.greaterThan(40)
  })

  it('checks parameters as the sources do', async () => {
    const required = Module.createRequire(import.meta.url)
    const at = (name: string) => join(user, 'node_modules/tsplay/dist/engine/checks', `${name}.js`)
    const registry = new ModuleRegistry()
    for (const name of registry.files()) {
      const schema = schemaOf(await registry.load(name, []))
      const [made, now] = [required(at(name)) as ValidateFunction, checkOf(schema)]
      const given = Object.keys(schema.properties).flatMap((key) =>
        [{}, [[]], 'x\ny', -1.5, false].map((value) => ({ [key]: value })),
      )
      for (const params of [{}, ...given]) {
        const said = [made, now].map((check) => {
          const filled = structuredClone(params)
          return { right: check(filled), filled, errors: structuredClone(check.errors) }
        })
        expect(said[0], `${name} ${JSON.stringify(params)}`).to.deep.equal(said[1])
      }
    }
  })

  it('plays a first playbook', () => {
    const book = join(user, 'node_modules/tsplay/playbooks/hello.yml')
    const file = join(folder, 'hello.txt')
    const said = tsplay('run', book, '-e', `hello_file=${file}`)
    expect(said).to.match(/localhost : ok=3 changed=1 .*failed=0/)
    expect(readFileSync(file, 'utf8')).to.match(/^Hello from /)
  })

  it("plays a playbook with a user's own module, in TypeScript", () => {
    mkdirSync(join(user, 'modules'))
    writeFileSync(join(user, 'modules/mark.ts'), module)
    writeFileSync(join(user, 'mark.yml'), `- hosts: localhost\n  tasks:\n    - mark: {path: ${join(folder, 'mark')}}\n`)
    expect(tsplay('run', 'mark.yml', '--verify')).to.match(/ok=1 changed=1 .*failed=0/)
    expect(readFileSync(join(folder, 'mark'), 'utf8')).to.equal('a mark of 1 line\n')
    expect(tsplay('run', 'mark.yml', '--verify')).to.match(/ok=1 changed=0 .*failed=0/)
  })

  it("makes a user's module whose specs pass", () => {
    tsplay('init', 'module', 'packed_greeting')
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
    const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href
    expect(done(user, process.execPath, mocha, '-n', `import=${tsx}`, 'modules/packed_greeting.spec.ts')).to.contain(
      '12 passing',
    )
  })

  it('validates the cluster playbook with its roles and inventory', () => {
    const own = join(user, 'node_modules/tsplay')
    const said = tsplay('validate', join(own, 'playbooks/ha-cluster.yml'), '-i', join(own, 'inventory/prod.yml'))
    expect(said).to.match(/7 hosts: nothing wrong\.\n$/)
  })

  it('keeps what was compiled, for its user alone, and does without what is damaged', function () {
    if ('enableCompileCache' in Module) return this.skip()
    const compiled = join(folder, 'cache/tsplay/compiled')
    const start = () => {
      expect(tsplay('doc', 'file')).to.match(/^file: /)
      const [name, ...others] = readdirSync(compiled)
      expect(others).to.deep.equal([])
      const { mode, ino } = statSync(join(compiled, name!))
      expect(mode & 0o777).to.equal(0o600)
      return { file: join(compiled, name!), ino }
    }
    rmSync(compiled, { recursive: true, force: true })
    const first = start()
    expect(start(), 'used again').to.deep.equal(first)

    const bytes = readFileSync(first.file)
    bytes.fill(0, bytes.length >> 1)
    writeFileSync(first.file, bytes)
    const mended = start()
    expect(mended.ino, 'made anew').not.to.equal(first.ino)
    expect(start()).to.deep.equal(mended)

    chmodSync(first.file, 0o622)
    expect(start().ino, 'not trusted').not.to.equal(mended.ino)
  })

  it('keeps what was compiled from a run with many hosts to any other', function () {
    if ('enableCompileCache' in Module) return this.skip()
    const compiled = join(folder, 'cache/tsplay/compiled')
    writeFileSync(join(user, 'many.yml'), '- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: here}\n')
    const hosts = Array.from({ length: 100 }, (_, index) => `h${index}`)
    writeFileSync(join(user, 'many.ini'), `${hosts.join('\n')}\n[all:vars]\nansible_connection=local\n`)
    const played = (...words: string[]) => {
      tsplay('run', 'many.yml', '-i', 'many.ini', ...words)
      return readdirSync(compiled).map((name) => statSync(join(compiled, name)).ino)
    }
    rmSync(compiled, { recursive: true, force: true })
    const first = played()
    expect(first).to.have.length(1)
    expect(played('--limit', 'h1'), 'by one host').to.deep.equal(first)
    expect(played(), 'by many hosts').to.deep.equal(first)
  })

  it('gives the command to a built checkout', () => {
    expect(done(built, 'npx', '--no-install', 'tsplay', '--version')).to.equal(`tsplay ${manifest.version}\n`)
  })

  it('starts in under one and a half times bare node and 100 ms', () => {
    const main = join(user, 'node_modules/tsplay/dist/engine/cli/main.js')
    const bare: number[] = []
    const ours: number[] = []
    // In turn, so that a busy machine is as busy for both.
    for (let round = 0; round < 11; round++) {
      bare.push(timed('-e', '0'))
      ours.push(timed(main, '--version'))
    }
    expect(median(ours)).to.be.lessThan(1.5 * median(bare) + 100)
  })

  const timed = (...words: string[]): number => {
    const start = performance.now()
    done(user, process.execPath, ...words)
    return performance.now() - start
  }
})

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!
}
