import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { compileExpression } from '../../engine/lang/expression.ts'
import { compileTemplate } from '../../engine/lang/template.ts'
import { bookOf } from '../../engine/testing/example-runs.ts'
import { textPlace, variables } from '../lang/shown.ts'
import { tsplay } from '../run/story.ts'
import { docs } from './generate.ts'

const inventory = 'etcd: {hosts: {e1: {ansible_connection: local}, e2: {}, e3: {}}}\n'
const language = readFileSync(join(docs, 'language.md'), 'utf8')
const readme = readFileSync(join(docs, '../README.md'), 'utf8')

describe('docs/language.md', () => {
  for (const [, tasks] of language.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)) {
    it(`shows what passes preflight: ${tasks!.split('\n')[0]}`, async () => {
      // What is no list of tasks is variables.
      const isTasks = tasks!.startsWith('- ')
      const files = {
        'inventory.yml': inventory,
        'site.yml': isTasks ? bookOf(tasks!) : '- {hosts: etcd, vars_files: [vars.yml]}\n',
        ...(isTasks ? {} : { 'vars.yml': tasks! }),
      }
      const words = ['validate', 'site.yml', '-i', 'inventory.yml', '-e', 'cluster_name=prod']
      const { status, stderr } = await tsplay(files, words)
      expect(stderr).to.equal('')
      expect(status).to.equal(0)
    })
  }

  it('shows a template that fills in as it says', async () => {
    const [, tasks = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(language)!
    const content = parse(tasks)[0].copy.content as string
    const scope = variables({ groups: { etcd: ['e1', 'e2', 'e3'] }, inventory_hostname: 'e2' })
    const text = compileTemplate(content, textPlace(content)).render(scope)
    expect(text).to.equal('e1\ne2 (this host)\ne3\n')
  })
})

describe("the README's table for people from Ansible", () => {
  const scope = variables({
    a: 1,
    b: 'x',
    c: ['y'],
    groups: { web: ['w1', 'w2'] },
    inventory_hostname: 'w1',
  })
  const gives: Readonly<Record<string, unknown>> = {
    '{{default port 80}}': 80,
    '{{#each groups.web}}…{{/each}}': '……',
    'defined(a) && !(b in c)': true,
    'groups.web.filter(h, h != inventory_hostname)': ['w2'],
  }
  for (const [text, value] of Object.entries(gives)) {
    it(`shows ${text}, which gives ${JSON.stringify(value)}`, () => {
      expect(readme).to.include(text)
      const found = text.startsWith('{{')
        ? compileTemplate(text, textPlace(text)).render(scope)
        : compileExpression(text, textPlace(text)).evaluate(scope)
      expect(found).to.deep.equal(value)
    })
  }
})
