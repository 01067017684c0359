import { spawnSync } from 'node:child_process'
import { globSync } from 'tinyglobby'
import { down, missing as lacking, status, up } from '../lab/lab.ts'
import { lanesOf } from './lanes.ts'
import { mocha } from './mocha.ts'
import { ensureTools } from './tools.ts'

/**
 * `npm test`: lint and types first, then every spec, those on live hosts last. `npm test -- PATTERN…` runs only the spec
 * files whose path contains one of the words. Ends with a line `tests: N passed, N failed, N skipped`.
 */
const words = process.argv.slice(2)
const ci = process.env['CI'] === 'true'
/** The lab of the second lane. */
const beside = { TSPLAY_LAB: 'beside' }
const total = { passed: 0, failed: 0, skipped: 0 }

function step(name: string, command: string, args: readonly string[]): void {
  process.stdout.write(`\n── ${name}\n`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status === 0) total.passed++
  else {
    total.failed++
    process.stdout.write(`${name} failed\n`)
  }
}

async function specs(name: string, files: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { passed, failed, pending } = await mocha(name, files, env)
  total.passed += passed
  total.failed += failed
  if (ci) {
    // Where CI=true everything can run; a skip would hide that it did not.
    for (const title of pending) process.stdout.write(`skipped where it must run: ${title}\n`)
    total.failed += pending.length
  } else total.skipped += pending.length
}

async function hostsUp(): Promise<number> {
  if (lacking().length > 0) return 0
  return (await status()).filter((host) => host.since !== undefined).length
}

/** Makes what the lab's cache lacks (some ten minutes on a new machine), so that no spec's time is spent on it. */
async function prepareLab(): Promise<void> {
  if (lacking().length > 0) return
  process.stdout.write('\n── the lab\n')
  const started = Date.now()
  try {
    await up(['prepare-1=192.168.1.250'], { note: (line) => process.stdout.write(`${line}\n`) })
    await down(['prepare-1'])
  } catch (thrown) {
    // The specs that need it tell what is wrong; the others still run.
    process.stdout.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  }
  process.stdout.write(`ready after ${Math.round((Date.now() - started) / 1000)} s\n`)
}

const chosen = globSync('spec/**/*.spec.ts')
  .sort()
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
if (words.length === 0) {
  step('lint and format', 'node_modules/.bin/biome', ['check', '.'])
  step('types', 'node_modules/.bin/tsc', ['-p', 'tsconfig.json'])
  step('build', 'npm', ['run', '--silent', 'build'])
}
const missing = ensureTools()
if (missing.length > 0)
  process.stdout.write(`Not installed here: ${missing.join(', ')}. Specs that need them skip, or fail where CI=true.\n`)
await specs(
  'specs',
  chosen.filter((file) => !file.endsWith('.live.spec.ts')),
)
const live = chosen.filter((file) => file.endsWith('.live.spec.ts'))
const before = await hostsUp()
if (live.length > 0) await prepareLab()
const { first, second, alone } = lanesOf(live)
await Promise.all([
  specs('specs on live hosts', first),
  specs('specs on live hosts, beside them', second, beside).finally(() => {
    if (second.length === 0) return
    spawnSync(process.execPath, ['--conditions=tsplay-source', '--import', 'tsx', 'spec/lab/main.ts', 'down'], {
      stdio: 'inherit',
      env: { ...process.env, ...beside },
    })
  }),
])
await specs('specs on live hosts that nothing runs beside', alone)
// What the specs started goes with them; a lab that was up stays.
if (before === 0 && (await hostsUp()) > 0) await down()
process.stdout.write(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
