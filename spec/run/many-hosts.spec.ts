import { expect } from 'chai'
import { tsplay } from './story.ts'

const hosts = `${Array.from({ length: 60 }, (_, index) => `h${index + 1}`).join('\n')}\n[all:vars]\nansible_connection=local\n`
const module = `import { defineModule } from 'tsplay'
export default defineModule({
  summary: 'Counts its plans.',
  params: { type: 'object', properties: {} },
  examples: [],
  probe: async () => ({}),
  plan: () => {
    globalThis.plansMade = (globalThis.plansMade ?? 0) + 1
    return {}
  },
})
`
const counted = globalThis as { plansMade?: number }

describe('many hosts', () => {
  it('leave room for keys and timers, also where nothing has to be waited for', async () => {
    let [all, longest] = [0, 0]
    let running = true
    const listen = () => {
      const made = counted.plansMade ?? 0
      counted.plansMade = 0
      all += made
      longest = Math.max(longest, made)
      if (running) setImmediate(listen)
    }
    listen()
    const book = `- hosts: all\n  gather_facts: false\n  tasks:\n${'    - counting: {}\n'.repeat(20)}`
    const { status, stdout, stderr } = await tsplay({ 'site.yml': book, hosts, 'modules/counting.ts': module }, [
      'run',
      'site.yml',
      '-i',
      'hosts',
      '--output',
      'jsonl',
    ]).finally(() => {
      running = false
    })
    expect(status, stdout + stderr).to.equal(0)
    listen()
    expect(all).to.equal(60 * 20)
    expect(longest).to.be.lessThan(all / 2)
  })
})
