import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { describePage } from '../readme/page.ts'
import { UserProject } from '../testing/user-project.ts'
import { docs } from './generate.ts'

const kept = '/tmp/tsplay-readme-kept'

describePage({ path: 'docs/writing-modules.md', traces: ['/tmp/tsplay-readme-room', kept] })

describe('the module that docs/writing-modules.md shows', () => {
  let project: UserProject
  before(() => {
    project = new UserProject()
  })
  after(() => {
    project.remove()
    rmSync(kept, { force: true })
  })

  it('passes its specs, and its types fit', function () {
    this.timeout(60_000)
    const page = readFileSync(join(docs, 'writing-modules.md'), 'utf8')
    const files = [...page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map((match) => [match[1]!, match[2]!])
    expect(files.map(([path]) => path)).to.deep.equal(['modules/filesize.ts', 'modules/filesize.spec.ts'])
    project.write(Object.fromEntries(files))
    const { status, said } = project.mocha('modules/filesize.spec.ts')
    expect(status, said).to.equal(0)
    expect(said).to.contain('6 passing')
  })
})
