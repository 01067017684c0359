import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { UserProject } from '../testing/user-project.ts'

describe('tsplay init module', function () {
  this.timeout(180_000)
  let project: UserProject
  beforeEach(() => {
    project = new UserProject()
  })
  afterEach(() => project.remove())

  it('makes a module whose specs pass, that playbooks can use', () => {
    const { status, said } = project.tsplay('init', 'module', 'init_greeting')
    expect(said).to.equal(`modules/init_greeting.ts
modules/init_greeting.spec.ts
tsconfig.json

Use it in a playbook:

    - init_greeting: {path: /etc/motd, text: Hello}

Its specs:

    npx mocha -n import=tsx modules/init_greeting.spec.ts
`)
    expect(status).to.equal(0)

    const specs = project.mocha('modules/init_greeting.spec.ts')
    expect(specs.status, specs.said).to.equal(0)
    expect(specs.said).to.contain('12 passing').and.contain('A text: a second run changes nothing')
    expect(existsSync('/tmp/init_greeting.txt')).to.equal(false)

    const task = `init_greeting: {path: ${project.folder}/greeting, text: Hi}`
    project.write({ 'site.yml': `- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ${task}\n` })
    expect(project.tsplay('run', 'site.yml', '--verify').said).to.contain('ok=1 changed=1')
    expect(readFileSync(join(project.folder, 'greeting'), 'utf8')).to.equal('Hi\n')
    expect(project.tsplay('run', 'site.yml', '--verify').said).to.contain('ok=1 changed=0')
    expect(project.tsplay('doc', 'init_greeting').said).to.match(/^init_greeting: Keep a text in a file\./)
    expect(project.tsplay('doc').said).not.to.contain('init_greeting.spec')
  })

  it('infers the types of its parameters', () => {
    project.tsplay('init', 'module', 'init_typed')
    const file = join(project.folder, 'modules/init_typed.ts')
    const tsc = () =>
      project.node(
        join(project.folder, 'node_modules/typescript/bin/tsc'),
        '--lib',
        'ES2023',
        '--customConditions',
        'tsplay-source',
      )
    expect(tsc().said).not.to.match(/^modules/m)
    project.write({
      'modules/init_typed.ts': readFileSync(file, 'utf8').replace("state === 'absent'", "state === 'abbsent'"),
    })
    expect(tsc().said).to.match(/^modules\/init_typed\.ts\(\d+,\d+\): error TS2367: /m)
  })

  it('makes it in a role', () => {
    expect(project.tsplay('init', 'role', 'web').status).to.equal(0)
    const { said } = project.tsplay('init', 'module', 'init_in_role', '--role', 'web')
    expect(said).to.contain('roles/web/modules/init_in_role.ts\n').and.contain('in the role web')
    const book = '- hosts: localhost\n  gather_facts: false\n  roles: [web]\n'
    const tasks = `- init_in_role: {path: ${project.folder}/greeting, text: Hi}\n`
    project.write({ 'site.yml': book, 'roles/web/tasks/main.yml': tasks })
    expect(project.tsplay('run', 'site.yml', '--verify').said).to.contain('ok=1 changed=1')
  })

  it('says which packages its specs need where they are missing', () => {
    const bare = new UserProject(['typescript', '@types/node'])
    try {
      expect(bare.tsplay('init', 'module', 'init_bare').said).to.contain(
        'these packages are missing here: npm install --save-dev mocha tsx @types/mocha\n',
      )
    } finally {
      bare.remove()
    }
  })

  it('leaves a tsconfig.json alone', () => {
    project.write({ 'tsconfig.json': '{}' })
    expect(project.tsplay('init', 'module', 'init_typed').said).not.to.contain('tsconfig.json')
    expect(readFileSync(join(project.folder, 'tsconfig.json'), 'utf8')).to.equal('{}')
  })

  it('refuses names that playbooks could not use, and what is there', () => {
    const refused = (...words: string[]) => {
      const { status, said } = project.tsplay('init', 'module', ...words)
      expect(status).to.equal(5)
      return said
    }
    expect(refused('My-Thing')).to.equal(
      'error[usage]: "My-Thing" cannot be the name of a module.\n  = help: Use small letters, digits and _, as in my_thing.\n\n1 problem\n',
    )
    expect(refused('../x')).to.contain('cannot be the name of a module').and.contain('as in x.')
    expect(refused('copy')).to.contain('There is a module "copy" in tsplay itself, which this one would hide.')
    mkdirSync(join(project.folder, 'roles/web'), { recursive: true })
    expect(refused('mine', '--role', 'wep'))
      .to.contain('There is no role roles/wep.')
      .and.contain('Did you mean "web"?')
    expect(refused('mine', '--role', 'other')).to.contain('Make it first: tsplay init role other')
    project.write({ 'modules/mine.js': '' })
    expect(refused('mine')).to.contain('modules/mine.js is already there.')
    expect(existsSync(join(project.folder, 'modules/mine.ts'))).to.equal(false)
  })
})
