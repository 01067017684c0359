import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { Source } from '../../engine/base/span.ts'
import { compileExpression } from '../../engine/lang/expression.ts'
import { compileTemplate } from '../../engine/lang/template.ts'
import { outcome, textPlace, variables } from '../lang/shown.ts'
import { docs } from './generate.ts'

const page = readFileSync(join(docs, 'text-and-logic.md'), 'utf8')
const part = (name: string) => page.slice(page.indexOf(`<!-- ${name} -->`))
const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(part('variables'))!
const scope = variables(parse(yaml))

/** The first two cells of a table's rows, both in backquotes. */
function rows(name: string): [string, string][] {
  const [, , table = ''] = /^<!-- .* -->\n\|.*\n\|(-+\|)+\n((?:\|.*\n)+)/.exec(part(name))!
  return table
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, text, gives] = /^\| `(.*?)` \| `(.*?)` \|(?: .*)? \|$|^$/.exec(line) ?? []
      if (text === undefined || gives === undefined) throw new Error(`not a row: ${line}`)
      return [text.replaceAll('\\|', '|'), gives]
    })
}

describe('docs/text-and-logic.md', () => {
  const partials = (name: string) => (name === 'greeting' ? new Source('greeting.hbs', 'Hello {{name}}. ') : undefined)
  for (const [text, gives] of rows('templates')) {
    it(`${text} gives ${gives}`, () => {
      const template = text.replaceAll('⏎', '\n')
      const found = outcome(() => compileTemplate(template, textPlace(template), { partials }).renderText(scope))
      expect(found).to.equal(gives.replaceAll('⏎', '\n'))
    })
  }

  for (const [text, gives] of rows('expressions')) {
    it(`${text} gives ${gives}`, () => {
      const found = outcome(() => compileExpression(text, textPlace(text)).evaluate(scope))
      expect(found).to.deep.equal(JSON.parse(gives))
    })
  }
})
