import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect } from 'chai'

const root = new URL('..', import.meta.url).pathname

/** What a folder of engine/ may import, beside itself, and why no more. */
const arrows: Readonly<Record<string, { readonly from: readonly string[]; readonly because: string }>> = {
  base: { from: [], because: 'everything rests on it: it must be readable alone' },
  lang: { from: ['base'], because: 'texts and expressions know nothing of plays, hosts or modules' },
  book: { from: ['base', 'lang'], because: 'a playbook is read without any host' },
  hosts: { from: ['base', 'lang'], because: 'an inventory is read without any playbook' },
  vault: { from: ['base'], because: 'sealing must be checkable without the rest' },
  pki: { from: ['base'], because: 'certificates are facts, not tasks' },
  wire: { from: ['base'], because: 'a connection carries texts; what they mean is not its business' },
  state: { from: ['base', 'wire'], because: 'looks and steps are the same whoever asks for them' },
  module: {
    from: ['base', 'lang', 'pki', 'state', 'vault', 'wire'],
    because: 'a module never sees the run: the same module works in a spec, a play, and a program of its own',
  },
  schema: {
    from: ['base', 'book', 'module'],
    because: 'what editors show is made from the definitions that the loader uses, and needs no run',
  },
  report: { from: ['base'], because: 'reporters are made from events alone, so that any of them can be left out' },
  run: {
    from: ['base', 'book', 'hosts', 'lang', 'module', 'pki', 'state', 'vault', 'wire'],
    because: 'a run says what happens by events; how it looks is for reporters',
  },
  plan: {
    from: ['base', 'run'],
    because: 'a plan is what a dry run told, and what a run is held to',
  },
  preflight: {
    from: ['base', 'book', 'hosts', 'lang', 'module', 'run', 'vault'],
    because: 'it looks at a run before there is one; a run that has begun asks it nothing',
  },
  testing: {
    from: ['base', 'hosts', 'lang', 'module', 'preflight', 'run', 'state', 'wire'],
    because: 'it tries modules out, alone and in runs; the engine itself knows nothing of it',
  },
}

interface Import {
  readonly file: string
  readonly target: string
}

function typescript(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
}

/** What a file imports, dynamically too; types count as well: they bind as much. */
function imports(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const found = text.matchAll(
    /^(?:import|export)\b[^'"`]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'|^import\s*'([^']+)'/gm,
  )
  return [...found].map((match) => ({ file, target: (match[1] ?? match[2] ?? match[3])! }))
}

/** The folder of engine/ that an import goes to; undefined for packages. */
function folderOf({ file, target }: Import): string | undefined {
  if (!target.startsWith('.')) return undefined
  const [top, folder, ...rest] = relative(root, join(root, dirname(file), target)).split('/')
  if (top !== 'engine') return top
  return rest.length === 0 ? 'engine' : folder
}

describe('the architecture', () => {
  for (const [folder, { from, because }] of Object.entries(arrows)) {
    it(`engine/${folder} imports ${from.length === 0 ? 'nothing of ours' : from.join(', ')}: ${because}`, () => {
      let files: string[]
      try {
        files = typescript(`engine/${folder}`)
      } catch {
        // A concern of design.md that has no code yet.
        return
      }
      const wrong = files
        .flatMap(imports)
        .filter((one) => ![undefined, folder, ...from].includes(folderOf(one)))
        .map((one) => `${one.file} imports ${one.target}`)
      expect(wrong).to.deep.equal([])
    })
  }

  it("modules import only from 'tsplay', as a user's own do", () => {
    const wrong = typescript('modules')
      .flatMap(imports)
      .filter(({ target }) => target !== 'tsplay' && !target.startsWith('node:'))
      .map((one) => `${one.file} imports ${one.target}`)
    expect(wrong).to.deep.equal([])
  })

  it('nothing but the command line ends the process, nothing but it and the reporters prints', () => {
    const wrong = typescript('engine')
      .filter((file) => !/^engine\/(cli|report)\//.test(file))
      .filter((file) =>
        /process\.exit\b|process\.(stdout|stderr)\.write|console\.\w+\(/.test(readFileSync(join(root, file), 'utf8')),
      )
    expect(wrong).to.deep.equal([])
  })

  it('no file of the engine is over 300 lines, so that one noun stays one file', () => {
    const long = typescript('engine')
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
      .map(({ file, lines }) => `${file}: ${lines}`)
    expect(long).to.deep.equal([])
  })
})
