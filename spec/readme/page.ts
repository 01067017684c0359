// A page that is a story: files that it shows are written, commands are run in order, and what it says they print is compared.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
/** `npm ci && npm run demo`: too much for here; CI and the specs on live hosts run them. */
const npm = /^npm ci && npm (?:run )?(\w+)$/

type Part =
  | { readonly kind: 'file'; readonly path: string; readonly text: string; readonly line: number }
  | { readonly kind: 'commands'; readonly commands: readonly string[]; readonly says?: string; readonly line: number }

interface Page {
  /** Below the checkout. */
  readonly path: string
  /** What its examples write outside their own folder. */
  readonly traces: readonly string[]
  /** Commands that must fail, and how. */
  readonly failing?: Readonly<Record<string, number>>
}

/** The fenced parts of a Markdown page, in order. A `text` fence is what the last command before it prints. */
function partsOf(page: string): Part[] {
  const parts: Part[] = []
  for (const match of page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, language = '', text = ''] = match
    const line = page.slice(0, match.index).split('\n').length
    const path = /^(?:#|\/\/) (\S+\.\w+)\n/.exec(text)?.[1]
    const last = parts.at(-1)
    if (path !== undefined) parts.push({ kind: 'file', path, text, line })
    else if (language === 'sh') parts.push({ kind: 'commands', commands: text.trimEnd().split('\n'), line })
    else if (language === 'text' && last?.kind === 'commands') parts[parts.length - 1] = { ...last, says: text }
    else throw new Error(`line ${line}: neither a file (its path in the first line) nor a command (sh)`)
  }
  return parts
}

/** Without what differs from run to run and from machine to machine: times and memory. */
function lasting(text: string): string {
  return text
    .replaceAll(/\b\d+(?:\.\d+)?\s?m?s\b(?=, \d+ round trip)/g, 'TIME')
    .replaceAll(/\d+ MB of memory/g, 'N MB of memory')
    .replaceAll(/[ \t]+$/gm, '')
    .trimEnd()
}

/** Specs that hold a page to all that it shows. */
export function describePage({ path, traces, failing = {} }: Page): void {
  describe(path, () => {
    let folder = ''
    const clean = () => {
      for (const trace of traces) rmSync(trace, { recursive: true, force: true })
    }
    before('a npx that runs this checkout', () => {
      clean()
      folder = mkdtempSync(join(tmpdir(), 'tsplay-page-'))
      const cli = `"${process.execPath}" --conditions=tsplay-source --import "${tsx}" "${root}engine/cli/main.ts"`
      mkdirSync(join(folder, 'bin'))
      writeFileSync(join(folder, 'bin/npx'), `#!/bin/sh\nshift\nexec ${cli} "$@"\n`, { mode: 0o755 })
    })
    after(() => {
      clean()
      rmSync(folder, { recursive: true })
    })

    const run = (command: string) => {
      const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, NO_COLOR: '1' }
      return spawnSync('sh', ['-c', `${command} 2>&1`], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...env, XDG_CACHE_HOME: folder },
      })
    }

    const tell = (part: Part) => {
      if (part.kind === 'file') {
        mkdirSync(dirname(join(folder, part.path)), { recursive: true })
        writeFileSync(join(folder, part.path), part.text)
        return
      }
      let said = ''
      for (const command of part.commands) {
        const script = npm.exec(command)?.[1]
        if (script === undefined) {
          const { status, stdout } = run(command)
          expect(status, `${command}\n${stdout}`).to.equal(failing[command] ?? 0)
          said = stdout
        } else {
          expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts, command).to.have.property(script)
        }
      }
      if (part.says !== undefined) expect(lasting(said)).to.equal(lasting(part.says))
    }

    for (const part of partsOf(readFileSync(join(root, path), 'utf8'))) {
      it(`line ${part.line}: ${part.kind === 'file' ? part.path : part.commands.join('; ')}`, function () {
        this.timeout(120_000)
        tell(part)
      })
    }

    it('shows modules that keep to the types', function () {
      this.timeout(60_000)
      const paths = {
        tsplay: [join(root, 'engine/index.ts')],
        'tsplay/testing': [join(root, 'engine/testing/index.ts')],
      }
      const options = { noEmit: true, paths, typeRoots: [join(root, 'node_modules/@types')], types: ['node', 'mocha'] }
      const files = [join(root, 'engine/pki/forge-asn1.d.ts')]
      const config = { extends: join(root, 'tsconfig.json'), compilerOptions: options, files, include: ['modules'] }
      writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
      const { status, stdout } = run(`"${root}node_modules/.bin/tsc" -p tsconfig.json`)
      expect(status, stdout).to.equal(0)
    })
  })
}
