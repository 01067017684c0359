import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { UserProject } from '../testing/user-project.ts'

const module = (body: string) => `import { defineModule } from 'tsplay'
import { wanted } from './wanted/text.ts'

export default defineModule({
  summary: 'Say whether a file is there.',
  params: {
    type: 'object',
    properties: { path: { type: 'string' }, size: { type: 'integer', default: 0 } },
    required: ['path'],
    additionalProperties: false,
  },
  examples: [],
  async probe(host, { path }) {
    return { there: await host.stat(path) }
  },
  plan({ there }, { path, size }) {
    ${body}
  },
})
`
const right = 'return { result: { there: there !== null, path, wanted, more: size + 1 } }'
const book = '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - typed: {path: /tmp}\n'

describe("the types of users' modules", function () {
  this.timeout(120_000)
  let project: UserProject
  const open = (packages: readonly string[], body: string, wanted = "export const wanted: string = 'x'\n") => {
    project = new UserProject(packages)
    project.write({ 'modules/typed.ts': module(body), 'modules/wanted/text.ts': wanted, 'site.yml': book })
  }
  afterEach(() => project.remove())

  it('are told with file and line before any host is touched', () => {
    open(
      ['typescript', '@types/node'],
      'return { result: { n: path.size, m: size.length } }',
      'export const wanted: number = ""\n',
    )
    const { status, said } = project.tsplay('run', 'site.yml')
    expect(status).to.equal(1)
    expect(said).to.equal(`error[module-load]: Property 'size' does not exist on type 'string' (TS2339).
  --> ./modules/typed.ts:17:32
   |
17 |     return { result: { n: path.size, m: size.length } }
   |                                ^^^^

error[module-load]: Property 'length' does not exist on type 'number' (TS2339).
  --> ./modules/typed.ts:17:46
   |
17 |     return { result: { n: path.size, m: size.length } }
   |                                              ^^^^^^

error[module-load]: Type 'string' is not assignable to type 'number' (TS2322).
 --> ./modules/wanted/text.ts:1:14
  |
1 | export const wanted: number = ""
  |              ^^^^^^

3 problems
`)
  })

  it('are checked once for a content', () => {
    open(['typescript', '@types/node'], right)
    const marks = () =>
      readdirSync(join(project.folder, '.cache/tsplay/modules')).filter((name) => name.includes('.types-'))
    const { status, said } = project.tsplay('validate', '-v', 'site.yml')
    expect(said).to.equal('site.yml: 1 play, 1 task, 1 host: nothing wrong.\n')
    expect(status).to.equal(0)
    expect(marks()).to.have.length(1)
    // A compiler that would fail is not asked again.
    const compiler = join(project.folder, 'node_modules/typescript')
    // Throws unless the link to the real one is gone.
    rmSync(compiler)
    mkdirSync(compiler)
    const version = marks()[0]!.split('.types-')[1]
    project.write({
      'node_modules/typescript/package.json': JSON.stringify({ version }),
      'node_modules/typescript/bin/tsc': 'process.stdout.write("typed.ts(1,1): error TS1: asked"); process.exit(1)',
    })
    expect(project.tsplay('validate', 'site.yml').status).to.equal(0)
    project.write({ 'modules/typed.ts': `${module(right)}\n// changed\n` })
    expect(project.tsplay('validate', 'site.yml').status).to.equal(1)
  })

  it('are not checked without a compiler, and `validate -v` says so', () => {
    open([], 'return { result: { n: path.size } }')
    expect(project.tsplay('validate', 'site.yml')).to.deep.equal({
      status: 0,
      said: 'site.yml: 1 play, 1 task, 1 host: nothing wrong.\n',
    })
    expect(project.tsplay('validate', '-v', 'site.yml').said).to.contain(
      'note: the types of modules/typed.ts were not checked: that needs the packages typescript',
    )
  })
})
