import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheFolder } from '../base/cache-folder.ts'
import { door } from '../base/package.ts'
import { Problem } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import type { Module } from './definition.ts'
import { importFile } from './import-file.ts'
import { checkTypes, typeScriptFor } from './module-types.ts'

/**
 * Loads a module written by a user, TypeScript or JavaScript: bundled with what it imports of its own, `tsplay` being this
 * very program. Its types are checked where the project has TypeScript. The result is kept by content, in the user's cache
 * folder. Throws module-load with the place; Problems when several types do not fit.
 */
export async function loadUserModule(file: string): Promise<{ module: Module; typesChecked: boolean }> {
  const built = await build(file)
  const typesChecked = await typed(file, built)
  const loaded = (await importFile(built).catch((cause: unknown) => {
    throw new Problem(
      'module-load',
      `The module ${file} fails while it is loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  })) as { default?: Module }
  if (!loaded.default?.isModule) {
    throw new Problem('module-load', `${file} does not export a module.`, {
      hint: "It should end in: export default defineModule({ … }), from 'tsplay'.",
    })
  }
  return { module: loaded.default, typesChecked }
}

/** Whether its types are known to fit. What is in a package was checked by who made it, and JavaScript has none. */
async function typed(file: string, built: string): Promise<boolean> {
  if (!file.endsWith('.ts') || file.includes('/node_modules/')) return true
  const typescript = await typeScriptFor(file)
  if (!typescript) return false
  // What is built holds its sources, as a map.
  const checked = `${built}.types-${typescript.version}`
  if (existsSync(checked)) return true
  if (!(await checkTypes(file, typescript))) return false
  await writeFile(checked, '', { mode: 0o600 })
  return true
}

async function build(file: string): Promise<string> {
  const { build: bundle } = await import('esbuild')
  const output = await bundle({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    sourcemap: 'inline',
    plugins: [
      {
        name: 'tsplay-door',
        setup(setup) {
          setup.onResolve({ filter: /^tsplay$/ }, () => ({ path: pathToFileURL(door).href, external: true }))
        },
      },
    ],
  }).catch(
    async (failure: {
      errors?: { text: string; location: { file: string; line: number; column: number; length: number } | null }[]
    }) => {
      throw await syntaxProblem(file, failure)
    },
  )
  const text = output.outputFiles[0]!.text
  const folder = cacheFolder('modules')
  const target = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.mjs`)
  if (!existsSync(target)) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const temporary = `${target}.${process.pid}`
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, target)
  }
  return target
}

async function syntaxProblem(
  file: string,
  failure: {
    errors?: { text: string; location: { file: string; line: number; column: number; length: number } | null }[]
  },
): Promise<Problem> {
  const error = failure.errors?.[0]
  if (!error?.location)
    return new Problem('module-load', `The module ${file} cannot be compiled: ${error?.text ?? String(failure)}`)
  const path = resolve(error.location.file)
  const source = new Source(path, await readFile(path, 'utf8'))
  const start =
    source.text
      .split('\n')
      .slice(0, error.location.line - 1)
      .reduce((sum, line) => sum + line.length + 1, 0) + error.location.column
  return new Problem('module-load', `The module cannot be compiled: ${error.text}`, {
    at: { source, start, end: start + Math.max(1, error.location.length) },
  })
}
