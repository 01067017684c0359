import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseAllDocuments } from 'yaml'
import { fourHosts, tsplay } from '../run/story.ts'
import { examined, line } from './examined.ts'

interface Correct {
  readonly title: string
  readonly book: string
  readonly files?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  /** The exit status of a run that is right and still does not end well. */
  readonly runs?: number
}

const folder = new URL('correct/', import.meta.url)

/** Playbooks as people write them: each is played, and none may be refused before. */
describe('a correct playbook passes preflight', () => {
  for (const name of readdirSync(folder).sort()) {
    for (const document of parseAllDocuments(readFileSync(new URL(name, folder), 'utf8'))) {
      const { title, book, files, words = [], runs = 0 } = document.toJS() as Correct
      const all = { 'inventory.yml': fourHosts, ...files, 'site.yml': book }
      const given = ['-i', 'inventory.yml', ...words]
      it(title, async () => {
        const { problems } = await examined(all, given)
        expect(problems.map(line)).to.deep.equal([])
        const ended = await tsplay(all, ['run', 'site.yml', ...given])
        expect(ended.status, `${ended.stdout}${ended.stderr}`).to.equal(runs)
      })
    }
  }
})
