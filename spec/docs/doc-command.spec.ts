import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { tsplay } from '../run/story.ts'

const own = `import { defineModule } from 'tsplay'
export default defineModule({
  summary: 'Say a word.',
  freeForm: 'word',
  params: { type: 'object', properties: { word: { type: 'string', aliases: ['w'], secret: true } }, required: ['word'] },
  returns: { said: 'the word' },
  examples: [{ title: 'A word', yaml: '- say: hello' }],
  local: ({ word }) => ({ result: { said: word } }),
})
`

describe('tsplay doc', () => {
  it('lists every module with its summary', async () => {
    const { status, stdout } = await tsplay({}, ['doc'])
    expect(status).to.equal(0)
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0])
    expect(names).to.deep.equal(new ModuleRegistry().files())
    expect(stdout).to.match(/^hostname +Set the host's name, now and at boot\.$/m)
  })

  it("shows a module of the user's own, made from its definition", async () => {
    const { status, stdout, stderr } = await tsplay({ 'modules/say.ts': own }, ['doc', 'say'])
    expect(stderr).to.equal('')
    expect(status).to.equal(0)
    expect(stdout).to.equal(`say: Say a word.

Words after the module's name are its parameter word.

It acts on the controller; nothing is asked of the host.

PARAMETERS
  word (required): text
      also called: w
      Never shown.

RESULT
  said: the word

EXAMPLES
  # A word
  - say: hello
`)
  })

  it('gives the same as JSON', async () => {
    const { stdout } = await tsplay({ 'modules/say.ts': own }, ['doc', 'say', '--json'])
    expect(JSON.parse(stdout)).to.deep.include({ name: 'say', summary: 'Say a word.' })
    const functions = await tsplay({}, ['doc', '--functions', '--json'])
    expect(JSON.parse(functions.stdout).map((row: { name: string }) => row.name)).to.include.members([
      'default',
      'join',
    ])
  })

  it('knows what was meant', async () => {
    const { status, stderr } = await tsplay({}, ['doc', 'systemmd'])
    expect(status).to.equal(1)
    expect(stderr).to.include('There is no module "systemmd".').and.to.include('Did you mean "systemd"?')
  })
})

describe('tsplay init role', () => {
  it('makes a role, and says how to use it', async () => {
    let made = false
    const { status, stdout } = await tsplay({}, ['init', 'role', 'web-site'], (folder) => {
      made = existsSync(join(folder, 'roles/web-site/tasks/main.yml'))
    })
    expect([status, made]).to.deep.equal([0, true])
    expect(stdout)
      .to.include('roles/web-site/meta/main.yml\n')
      .and.to.match(/- hosts: all\n {2}roles:\n {4}- web-site\n$/)
  })

  for (const [name, files, says] of [
    ['../up', {}, '"../up" cannot be the name of a role.'],
    ['there', { 'roles/there/tasks/main.yml': '[]' }, 'roles/there is already there.'],
  ] as const) {
    it(`refuses ${name}, and says why`, async () => {
      const { status, stderr } = await tsplay(files, ['init', 'role', name])
      expect(status).to.equal(5)
      expect(stderr).to.include(says)
    })
  }
})
