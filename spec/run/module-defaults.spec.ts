import { expect } from 'chai'
import { tsplay } from './story.ts'

const run = (book: string, more: Readonly<Record<string, string>> = {}) =>
  tsplay({ 'inventory.yml': 'all: {hosts: {h1: {ansible_connection: local}}}\n', 'site.yml': book, ...more }, [
    'run',
    'site.yml',
    '-i',
    'inventory.yml',
    '-v',
  ])

const greet = `import { defineModule } from 'tsplay'
export default defineModule({
  summary: 'Greet.',
  groups: ['greetings'],
  params: { type: 'object', properties: { word: { type: 'string' }, name: { type: 'string' } }, additionalProperties: false },
  examples: [],
  local: (params) => ({ result: { msg: \`\${params.word} \${params.name}\` } }),
})
`

describe('module_defaults', () => {
  it('gives a group its parameters, over which a module has its own', async () => {
    const { stdout, stderr } = await run(
      `- hosts: h1
  module_defaults:
    group/greetings: {word: hello, name: all}
    hail: {word: hail}
  tasks:
    - {name: group, greet: {}}
    - {name: own, hail: {name: you}}
    - name: inner
      module_defaults: {group/greetings: {name: inner}}
      block: [{name: block, hail: {}}]
`,
      { 'modules/greet.ts': greet, 'modules/hail.ts': greet },
    )
    expect(stderr).to.equal('')
    expect(stdout.match(/"msg":"[^"]*"/g)).to.deep.equal([
      '"msg":"hello all"',
      '"msg":"hail you"',
      '"msg":"hail inner"',
    ])
  })

  it('names groups and modules that there are', async () => {
    const { stderr, status } = await run(`- hosts: h1
  module_defaults: {group/pakages: {state: present}, coppy: {mode: "0600"}, community.aws.ec2_vpc: {region: x}}
  tasks: [{debug: {msg: x}}]
`)
    expect(stderr).to.contain('There is no group of modules "pakages".')
    expect(stderr).to.contain('Did you mean "packages"?')
    expect(stderr).to.contain('There is no module "coppy".')
    expect(stderr).not.to.contain('ec2_vpc"')
    expect(status).to.equal(1)
  })
})

describe('the strategy free', () => {
  it('refuses what is done once, and warns of what has no effect', async () => {
    const refused = await run('- hosts: h1\n  strategy: free\n  tasks: [{add_host: {name: n}}]\n')
    expect(refused.stderr).to.contain('"add_host" is done once for all hosts')
    const warned = await run(
      '- hosts: h1\n  strategy: free\n  any_errors_fatal: true\n  tasks: [{command: "true", run_once: true}]\n',
    )
    expect(warned.status).to.equal(0)
    expect(warned.stdout).to.contain('any_errors_fatal has no effect with the strategy free')
    expect(warned.stdout).to.contain('run_once has no effect with the strategy free')
  })
})
