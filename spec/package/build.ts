// `npm run build`: dist/, what is published and run: few files instead of hundreds, in the form whose compiled code can be kept.
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const dist = join(root, 'dist')
const doors = ['engine/cli/main.ts', 'engine/index.ts', 'engine/testing/index.ts', 'engine/module/import-file.ts']
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

const program = join(dist, 'engine/cli/main.js')
const command = join(root, 'node_modules/.bin/tsplay')
chmodSync(program, 0o755)
mkdirSync(dirname(command), { recursive: true })
rmSync(command, { force: true })
symlinkSync('../../dist/engine/cli/main.js', command)

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
