// `npm run build`: dist/, what is published and run: few files instead of hundreds, in the form whose compiled code can be kept.
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _ } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'
import { build, transform } from 'esbuild'
import { checkOptions } from '../../engine/module/schema-check.ts'

const required = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../', import.meta.url))
const dist = join(root, 'dist')
const doors = [
  ...['engine/cli/main.ts', 'engine/index.ts', 'engine/testing/index.ts', 'engine/module/import-file.ts'],
  'engine/module/parameter-formats.ts',
]
const modules = readdirSync(join(root, 'modules'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `modules/${name}`)

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [...doors, ...modules],
  outdir: dist,
  outbase: root,
  bundle: true,
  splitting: true,
  write: false,
  chunkNames: 'engine/parts/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['tsplay-source'],
  external: ['ssh2', 'esbuild'],
  logLevel: 'warning',
})

rmSync(dist, { recursive: true, force: true })
for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, await commonJs(text))
}
writeFileSync(join(dist, 'package.json'), '{"type": "commonjs"}\n')
mkdirSync(join(dist, 'engine/checks'))
for (const name of modules) {
  const built = name.replace(/\.ts$/, '.js')
  writeFileSync(join(dist, 'engine/checks', basename(built)), checkText(required(join(dist, built)).default.params))
}

const program = join(dist, 'engine/cli/main.js')
const command = join(root, 'node_modules/.bin/tsplay')
chmodSync(program, 0o755)
mkdirSync(dirname(command), { recursive: true })
rmSync(command, { force: true })
symlinkSync('../../dist/engine/cli/main.js', command)

/** What ajv makes of a module's schema, as a file of its own. */
function checkText(schema: object): string {
  const formats = _`require('../module/parameter-formats.js')`
  const ajv = new Ajv2020({ ...checkOptions, code: { source: true, optimize: false, formats } })
  return standalone.default(ajv, ajv.compile(schema))
}

/**
 * V8 lets code that it compiled be kept for scripts, which cannot import: imports become requires, but in the one part that is
 * there to import users' modules.
 */
async function commonJs(text: string): Promise<string> {
  const imports = text.includes('real-import')
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': imports },
    define: { 'import.meta.url': '__fileUrl' },
    logLevel: 'warning',
  })
  const url = "const __fileUrl = require('node:url').pathToFileURL(__filename).href;"
  if (!code.includes('__fileUrl')) return code
  return code.startsWith('#!') ? code.replace('\n', `\n${url}\n`) : `${url}\n${code}`
}
