import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { expect } from 'chai'
import { bookOf } from '../../engine/testing/example-runs.ts'
import { tsplay } from '../run/story.ts'
import { allExamples } from './example-book.ts'

const examples = await allExamples()

/** Files that an example names, beside the playbook. */
const beside: Readonly<Record<string, Record<string, string>>> = {
  'script: With arguments, once': { 'files/join.sh': '#!/bin/sh\n' },
  'template: A configuration file, checked before it is used': { 'templates/sshd_config.hbs': 'PermitRootLogin no\n' },
}

/** A folder of the controller that an example names, made by what it needs. */
const NAMED = '/tmp/tsplay-site'

describe('every example of every module', () => {
  const made = existsSync(NAMED) ? undefined : NAMED
  before(() => made && mkdirSync(made))
  after(() => made && rmdirSync(made))

  it('is there', () => {
    for (const { module, definition } of examples) expect(definition.examples, module).not.to.have.length(0)
  })

  for (const { module, example } of examples) {
    for (const [what, tasks] of [
      [`${module}: ${example.title}`, example.yaml],
      [`${module}: ${example.title}, what it needs`, example.given],
    ] as const) {
      if (tasks === undefined) continue
      it(`passes preflight: ${what}`, async () => {
        // An excerpt need not use all that it makes.
        const excerpt = '# tsplay: allow-file unused-register, constant-condition\n'
        const files = { ...beside[what], 'site.yml': excerpt + bookOf(tasks) }
        const { status, stderr } = await tsplay(files, ['validate', 'site.yml', '-i', 'web,'])
        expect(stderr).to.equal('')
        expect(status).to.equal(0)
      })
    }
  }
})
