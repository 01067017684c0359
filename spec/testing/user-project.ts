import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { writeFiles } from '../run/story.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const require = createRequire(import.meta.url)
const packageOf = (name: string) => dirname(require.resolve(`${name}/package.json`))

export interface Said {
  readonly status: number | null
  /** Both streams, the folder called `.`. */
  readonly said: string
}

/** A folder as a user has it: tsplay installed there, with what specs need. */
export class UserProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsplay-user-'))

  constructor(packages: readonly string[] = ['mocha', 'tsx', 'typescript', '@types/node', '@types/mocha']) {
    mkdirSync(join(this.folder, 'node_modules/@types'), { recursive: true })
    for (const name of packages) symlinkSync(packageOf(name), join(this.folder, 'node_modules', name))
    symlinkSync(root, join(this.folder, 'node_modules/tsplay'))
    this.write({ 'package.json': '{"private": true}\n' })
  }

  write(files: Readonly<Record<string, string>>): void {
    writeFiles(this.folder, files)
  }

  tsplay(...words: string[]): Said {
    const main = join(root, 'engine/cli/main.ts')
    return this.node(
      '--conditions=tsplay-source',
      '--import',
      pathToFileURL(require.resolve('tsx')).href,
      main,
      ...words,
    )
  }

  mocha(...files: string[]): Said {
    const main = join(packageOf('mocha'), 'bin/mocha.js')
    return this.node(main, '-n', 'conditions=tsplay-source', '-n', 'import=tsx', ...files)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  node(...words: string[]): Said {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', XDG_CACHE_HOME: join(this.folder, '.cache') },
      timeout: 120_000,
    })
    return { status, said: (stdout + stderr).replaceAll(this.folder, '.') }
  }
}
