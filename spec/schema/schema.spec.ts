import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { globSync } from 'tinyglobby'
import { parse, stringify } from 'yaml'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { documentKinds } from '../../engine/schema/document-schema.ts'
import { customTags, editorSettings } from '../../engine/schema/editor-settings.ts'
import { mistakes } from '../gallery/mistake.ts'
import { readCases, spelling } from '../referee/case.ts'
import { captured } from '../run/story.ts'
import { complaints, type Validators, validators } from './document.ts'

const root = new URL('../../', import.meta.url).pathname

/** What only `tsplay validate` can know, by the words of the case that needs it. */
const beyond: Readonly<Record<string, RegExp>> = {
  'a schema does not see what module_defaults bring': /module_defaults/,
}

describe('tsplay schema', function () {
  this.timeout(180_000)
  let check: Validators
  let folder: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-schema-'))
    check = await validators(globSync('roles/*/modules', { cwd: root, onlyDirectories: true, absolute: true }))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('writes a schema of every kind, each good in 2020-12 and in draft 07', async () => {
    const { status, stdout, stderr } = await captured(folder, ['schema', '-o', 'schemas'])
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    expect(stdout.trim().split('\n')).to.deep.equal(documentKinds.map((kind) => `schemas/${kind}.schema.json`))
    const [newer, older] = [new Ajv2020({ strict: false }), new Ajv({ strict: false })]
    for (const name of readdirSync(join(folder, 'schemas'))) {
      const { $schema, ...rest } = JSON.parse(readFileSync(join(folder, 'schemas', name), 'utf8')) as {
        $schema: string
      } & Record<string, unknown>
      expect($schema).to.equal('https://json-schema.org/draft/2020-12/schema')
      expect(newer.validateSchema({ $schema, ...rest }), newer.errorsText()).to.equal(true)
      expect(older.validateSchema({ $schema: 'http://json-schema.org/draft-07/schema#', ...rest })).to.equal(true)
      // What one of the two drafts does not know would be passed over in silence.
      const words = JSON.stringify(rest).match(/"(?:prefixItems|dependent\w+|unevaluated\w+|\$dynamic\w+)":/g)
      expect(words).to.equal(null)
    }
  })

  it('prints one of them, and the settings of an editor', async () => {
    const one = await captured(folder, ['schema', 'inventory'])
    expect(JSON.parse(one.stdout)).to.have.property('title', 'An inventory of tsplay')
    const settings = await captured(folder, ['schema', '--editor', '-o', 'here'])
    expect(JSON.parse(settings.stdout)).to.deep.equal(editorSettings('here'))
    expect(customTags).to.include.members(['!expr scalar', '!vault scalar'])
    const wrong = await captured(folder, ['schema', 'playbok'])
    expect(wrong.status).to.equal(5)
    expect(wrong.stderr).to.include('Did you mean "playbook"?')
  })

  describe('accepts what is right', () => {
    const files = globSync(['{playbooks,inventory}/**/*.yml', 'roles/*/{tasks,handlers,defaults,vars,meta}/**/*.yml'], {
      cwd: root,
    })
    it(`all ${files.length} files of this repository`, () => {
      const found = files.flatMap((path) => complaints(check, path, readFileSync(join(root, path), 'utf8')))
      expect(found).to.deep.equal([])
    })

    it('the examples of every module', async () => {
      const registry = new ModuleRegistry()
      for (const name of registry.files()) {
        const { examples } = await registry.load(name, [])
        const found = examples.flatMap(({ yaml, given }) =>
          [yaml, String(given ?? '')].flatMap((text) => complaints(check, 'tasks/main.yml', text)),
        )
        expect(found, name).to.deep.equal([])
      }
    })

    it('the stories', () => {
      for (const path of globSync('spec/run/stories/*.yml', { cwd: root })) {
        const stories = parse(readFileSync(join(root, path), 'utf8')) as { title: string; book: string }[]
        for (const { title, book } of stories) expect(complaints(check, 'site.yml', book), title).to.deep.equal([])
      }
    })

    it('the cases of the referee', () => {
      for (const one of readCases()) {
        const { files } = spelling(one, 'tsplay')
        const text = Object.values(files).join('\n')
        if (Object.values(beyond).some((words) => words.test(text))) continue
        const found = Object.entries(files).flatMap(([path, content]) => complaints(check, path, content))
        expect(found, one.id).to.deep.equal([])
      }
    })
  })

  describe('refuses the mistakes of the gallery that a schema can see', () => {
    for (const mistake of mistakes().filter((one) => one.schema)) {
      it(mistake.name, () => expect(found(mistake)).to.not.deep.equal([]))
    }

    it('and no other: the gallery says of each what an editor shows', () => {
      const silent = mistakes().filter((one) => !one.schema)
      expect(silent.filter((one) => found(one).length > 0).map((one) => one.name)).to.deep.equal([])
    })

    function found({ files }: ReturnType<typeof mistakes>[number]): string[] {
      return Object.entries(files).flatMap(([path, content]) =>
        typeof content === 'string' ? complaints(check, path, content) : [],
      )
    }
  })

  it('tells what each keyword, module and parameter means', () => {
    const text = stringify(check.playbook.schema)
    for (const words of ['Keep the result in this variable.', 'Octal digits in quotes', 'ansible.builtin.copy'])
      expect(text).to.include(words)
  })
})
