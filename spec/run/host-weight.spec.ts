import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { tsplay } from './story.ts'

const module = `import { defineModule } from 'tsplay'
export default defineModule({
  summary: 'Has the heap weighed.',
  params: { type: 'object', properties: {} },
  examples: [],
  probe: async () => ({}),
  plan: () => {
    globalThis.weighNow()
    return {}
  },
})
`
const files = Array.from({ length: 30 }, (_, index) => `    - file: {path: /tmp/tsplay-none/${index}, state: absent}\n`)
const book = `- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n    - weigh: {}\n      run_once: true\n${files.join('')}`

/** What is in use when all hosts have been looked at ahead, and none has done its tasks. */
async function weighed(count: number): Promise<number> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  let bytes = 0
  Object.assign(globalThis, {
    weighNow: () => {
      gc()
      bytes = process.memoryUsage().heapUsed
    },
  })
  const hosts = Array.from({ length: count }, (_, index) => `h${index + 1}`)
  const { status, stdout, stderr } = await tsplay(
    {
      'site.yml': book,
      hosts: `${hosts.join('\n')}\n[all:vars]\nansible_connection=local\n`,
      'modules/weigh.ts': module,
    },
    ['run', 'site.yml', '-i', 'hosts', '--output', 'jsonl'],
  )
  expect(status, stdout + stderr).to.equal(0)
  return bytes
}

describe('a host', () => {
  it('weighs little while it waits for the others, with thirty tasks looked at ahead', async function () {
    this.timeout(60_000)
    await weighed(10)
    const [few, many] = [await weighed(10), await weighed(60)]
    const each = (many - few) / 50 / 1024
    expect(each).to.be.greaterThan(5).and.lessThan(120)
  })
})
