import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { globSync } from 'tinyglobby'
import { codes } from '../../engine/base/codes.ts'
import { docs, generatedDocs } from './generate.ts'

const pages = await generatedDocs()
const root = join(docs, '..')

describe('docs made from the code', () => {
  for (const [path, text] of pages) {
    it(`docs/${path} is as the code says (else: npm run docs)`, () => {
      expect(readFileSync(join(docs, path), 'utf8')).to.equal(text)
    })
  }

  it('have no page of a module that is no more', () => {
    const there = readdirSync(join(docs, 'modules')).map((name) => `modules/${name}`)
    expect(there.filter((path) => !pages.has(path))).to.deep.equal([])
  })
})

describe('docs/errors.md and the table of codes', () => {
  it('name the same codes', () => {
    const listed = [...readFileSync(join(docs, 'errors.md'), 'utf8').matchAll(/^\| `([\w-]+)` \|/gm)].map(
      ([, name]) => name,
    )
    expect(listed).to.deep.equal(Object.keys(codes))
  })

  it('have no code that nothing uses', () => {
    const sources = globSync(['engine/**/*.ts', 'modules/*.ts', '!engine/base/codes.ts'], { cwd: root })
    const text = sources.map((path) => readFileSync(join(root, path), 'utf8')).join('\n')
    expect(Object.keys(codes).filter((name) => !text.includes(`'${name}'`))).to.deep.equal([])
  })
})

describe('links in the docs', () => {
  for (const path of globSync(['*.md', 'docs/**/*.md', 'roles/*/README.md', 'spec/**/*.md'], { cwd: root })) {
    it(`${path} links to files that there are`, () => {
      const text = readFileSync(join(root, path), 'utf8').replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '')
      const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!)
      const broken = links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !isThere(join(root, path, '..', link)))
      expect(broken).to.deep.equal([])
    })
  }
})

function isThere(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EISDIR'
  }
}
