// `npx tsx spec/lang/functions-referee/record.ts` asks the ansible that is installed (with ansible.utils) what the cases
// give, and writes record.json: facts only, so that the spec runs without ansible.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cases, variables } from './cases.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const done = spawnSync(process.env['ANSIBLE_PYTHON'] ?? '/usr/bin/python3', ['-W', 'ignore', here('evaluate.py')], {
  input: JSON.stringify({ variables, expressions: cases.map(({ jinja }) => jinja) }),
  env: { ...process.env, TZ: 'UTC' },
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
if (done.status !== 0) throw new Error(`ansible cannot be asked: ${done.stderr}`)
const { ansible, results } = JSON.parse(done.stdout) as { ansible: string; results: Record<string, unknown> }
const lines = Object.entries(results).map(
  ([jinja, result]) => `    ${JSON.stringify(jinja)}: ${JSON.stringify(result)}`,
)
writeFileSync(here('record.json'), `{\n  "ansible": "${ansible}",\n  "results": {\n${lines.join(',\n')}\n  }\n}\n`)
process.stdout.write(`${lines.length} results of ansible ${ansible}\n`)
