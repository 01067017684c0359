import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { compileExpression } from '../../../engine/lang/expression.ts'
import { outcome, variables as scopeOf, textPlace } from '../shown.ts'
import { cases, variables } from './cases.ts'

interface Result {
  readonly gives?: unknown
  readonly error?: string
}

const record = JSON.parse(readFileSync(new URL('record.json', import.meta.url), 'utf8')) as {
  ansible: string
  results: Record<string, Result>
}

describe(`functions, against the record of ansible ${record.ansible}`, () => {
  const scope = scopeOf(variables)

  for (const { jinja, ours, differs } of cases) {
    it(`${ours} gives what ${jinja} does${differs ? `, but: ${differs}` : ''}`, () => {
      const result = record.results[jinja]
      expect(result, 'not recorded: run record.ts').to.not.equal(undefined)
      const found = outcome(() => compileExpression(ours, textPlace(ours)).evaluate(scope))
      const same = result?.error === undefined ? { gives: found } : { error: String(found) }
      if (differs) expect(same).to.not.deep.equal(result)
      else if (result?.error === undefined) expect(found).to.deep.equal(result?.gives)
      else expect(found).to.match(/^(expression|undefined-variable) /)
    })
  }

  it('has a record of no case that is gone', () => {
    expect(Object.keys(record.results)).to.deep.equal([...new Set(cases.map(({ jinja }) => jinja))])
  })
})
