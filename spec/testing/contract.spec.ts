import { expect } from 'chai'
import { contract } from 'tsplay/testing'
import { UserProject } from './user-project.ts'

/** A module that keeps `new` in a file, with these parts; its spec is one line. */
function files(parts: {
  effects?: string
  probe?: string
  plan?: string
  example?: string
  end?: string
}): Record<string, string> {
  const {
    effects = "{ file: { path, type: 'file', content: Buffer.from('new') } }",
    probe = '',
    plan = '',
    end = '',
  } = parts
  return {
    'modules/mine.ts': `import { defineModule, exec } from 'tsplay'
import { writeFileSync } from 'node:fs'
export default defineModule({
  summary: 'Keep new in a file.',
  params: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  examples: [{ title: 'Mine', yaml: ${JSON.stringify(parts.example ?? '- mine: {path: "{{playbook_dir}}/new"}')} }],
  async probe(host, { path }) {
    ${probe}
    return { now: (await host.content(path))?.toString() ?? null }
  },
  plan({ now }, { path }) {
    ${plan}
    if (now === 'new') return {}
    return {
      changes: [{ path, ...(now === null ? {} : { before: now }), after: 'new' }],
      steps: [exec({ show: 'write ' + path, script: 'printf new >' + path + '${end}', effects: [${effects}] })],
    }
  },
})
`,
    'modules/mine.spec.ts': `import { contract } from 'tsplay/testing'
import mine from './mine.ts'
contract(mine, { file: new URL('mine.ts', import.meta.url), host: 'localhost' })
`,
  }
}

describe('the contract', function () {
  this.timeout(120_000)
  let project: UserProject
  before(() => {
    project = new UserProject(['mocha', 'tsx'])
  })
  after(() => project.remove())

  const played = (parts: Parameters<typeof files>[0]) => {
    project.write(files(parts))
    const { said } = project.mocha('modules/mine.spec.ts')
    const failing = [...said.matchAll(/^ {4}\d+\) Mine: (.*)$/gm)].map((match) => match[1])
    const passing = [...said.matchAll(/^ {4}✔ Mine: (.*?)(?: \(\d+ms\))?$/gm)].map((match) => match[1])
    expect(failing.length + passing.length, said).to.equal(4)
    return { failing, said }
  }

  it('is kept by a module that does as it says', () => {
    expect(played({}).failing).to.deep.equal([])
  })

  it('is broken by a dry run that changes the host', () => {
    const { failing } = played({ probe: "writeFileSync(path, (await host.content(path)) ? 'two' : 'one')" })
    expect(failing).to.include('a dry run leaves nothing behind')
  })

  it('is broken by a dry run that says something else than the run does', () => {
    const { failing, said } = played({
      example: '- mine: {path: "{{playbook_dir}}/new"}\n- mine: {path: "{{playbook_dir}}/new"}',
      effects: '',
    })
    expect(failing).to.deep.equal(['a dry run foretells the run'])
    expect(said).to.contain("status: 'changed'").and.contain("status: 'ok'")
  })

  it('is broken by predictions that do not come true', () => {
    const { failing, said } = played({ effects: "{ file: { path, type: 'file', mode: '0600' } }" })
    expect(failing).to.include('what is then there was predicted')
    expect(said).to.contain('has mode 0644, not 0600')
  })

  it('is broken by a module that is never done', () => {
    const { failing, said } = played({ plan: 'now = null; path += ""', effects: '' })
    expect(failing).to.include('a second run changes nothing')
    expect(said).to.contain('there is still something to do: write')
  })

  it('is kept on damaged hosts, or it is told what is not', () => {
    const damaged = (end: string) => {
      const made = files({ end })
      const spec = made['modules/mine.spec.ts']!.replace("host: 'localhost' }", "host: 'localhost', damage: true }")
      project.write({ ...made, 'modules/mine.spec.ts': spec })
      return project.mocha('modules/mine.spec.ts').said
    }
    expect(damaged('')).to.contain('its word is kept on damaged hosts too').and.contain('5 passing')
    const swallowing = damaged(' 2>/dev/null || :')
    expect(swallowing).to.contain('4 passing').and.contain('1 failing')
    expect(swallowing).to.contain("state: 'dangling'").and.contain('there is still something to do')
  })

  it('is broken by an example that is none', () => {
    const { failing, said } = played({ example: '- mine: {pth: /x}' })
    expect(failing).to.have.length(4)
    expect(said).to.contain('"mine" has no parameter "pth".').and.contain('Did you mean "path"?')
  })

  it('asks for hosts, a file, and examples', () => {
    const module = { isModule: true, summary: '', params: {}, examples: [{ title: 'x', yaml: '' }] } as never
    expect(() => contract(module, { file: '/x.ts' })).to.throw("give it either host: 'NAME' or inventory: 'PATH'")
    expect(() => contract(module, { file: '/x.ts', host: 'a', inventory: 'b' })).to.throw('either')
    expect(() => contract(module, { file: '/none.ts', host: 'a' })).to.throw('There is no module /none.ts')
    const none = { isModule: true, summary: '', params: {}, examples: [] } as never
    expect(() => contract(none, { file: '/x.ts', host: 'a' })).to.throw('no example that can be run')
  })
})
