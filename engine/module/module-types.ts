import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { door } from '../base/package.ts'
import { Problem, Problems } from '../base/problem.ts'
import { Source } from '../base/span.ts'

const ending = door.endsWith('.ts') ? '.ts' : '.d.ts'
const engine = dirname(door)

/** A compiler that a user's folder has. */
export interface TypeScript {
  readonly program: string
  readonly version: string
  /** Folder that holds @types/node. */
  readonly types: string
}

/** The compiler to be found from a module's file, as Node finds packages; undefined without it or without @types/node. */
export async function typeScriptFor(file: string): Promise<TypeScript | undefined> {
  const require = createRequire(file)
  try {
    const manifest = require.resolve('typescript/package.json')
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string }
    const types = dirname(dirname(require.resolve('@types/node/package.json')))
    return { program: join(dirname(manifest), 'bin', 'tsc'), version, types }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw thrown
  }
}

/**
 * Checks the types of a user's module and of what it imports of its own, `tsplay` being this very program. Gives false
 * when the compiler cannot be used as it is (too old); throws Problems, one for each error, with its place.
 */
export async function checkTypes(file: string, { program, types }: TypeScript): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'tsplay-types-'))
  try {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(configuration(file, types)))
    const words = [program, '-p', join(folder, 'tsconfig.json'), '--pretty', 'false']
    const { status, output } = await run(words, dirname(file))
    if (status === 0) return true
    const errors = errorsIn(output, dirname(file))
    const own = errors.filter((error) => !error.path.startsWith(`${engine}/`))
    if (own.length > 0) throw new Problems(await Promise.all(own.map(problemOf)))
    // No error has a place: it is the compiler that does not understand what it is asked.
    return errors.length > 0
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function configuration(file: string, types: string): object {
  return {
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023'],
      module: 'ESNext',
      moduleResolution: 'Bundler',
      typeRoots: [types],
      types: ['node'],
      paths: {
        tsplay: [join(engine, `index${ending}`)],
        'tsplay/testing': [join(engine, 'testing', `index${ending}`)],
      },
      strict: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      noEmit: true,
    },
    files: [file],
  }
}

function run(words: readonly string[], cwd: string): Promise<{ status: number | null; output: string }> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.once('error', failed)
    child.once('close', (status) => done({ status, output }))
  })
}

interface Misfit {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** `file(line,col): error TS2322: text`; the indented lines after it are left out. */
function errorsIn(output: string, cwd: string): Misfit[] {
  const errors: Misfit[] = []
  for (const line of output.split('\n')) {
    const found = /^(\S.*)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line)
    if (found) {
      const [, path = '', row, column, code, text] = found
      errors.push({
        path: resolve(cwd, path),
        line: Number(row),
        column: Number(column),
        message: `${text!.replace(/\.$/, '')} (${code})`,
      })
    }
  }
  return errors
}

async function problemOf({ path, line, column, message }: Misfit): Promise<Problem> {
  const source = new Source(path, await readFile(path, 'utf8'))
  const lines = source.text.split('\n').slice(0, line - 1)
  const start = lines.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
  const word = /^[\w$]+|^(['"`])(?:(?!\1).)*\1/.exec(source.text.slice(start))?.[0].length ?? 1
  return new Problem('module-load', message, { at: { source, start, end: start + word } })
}
