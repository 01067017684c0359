import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder with the engine and the modules that run now: sources, or what is built of them. */
export const programRoot: string = folderAbove(dirname(fileURLToPath(import.meta.url)))

/** The folder of this program's package.json; what is built has one of its own, which only says what kind of files it has. */
export const packageRoot: string = import.meta.url.endsWith('.ts') ? programRoot : dirname(programRoot)

/** The public door, as it runs now. */
export const door: string = join(programRoot, 'engine', import.meta.url.endsWith('.ts') ? 'index.ts' : 'index.js')

export const tsplayVersion: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version

function folderAbove(from: string): string {
  for (let at = from; ; at = dirname(at)) if (existsSync(join(at, 'package.json')) || at === dirname(at)) return at
}
