import { expect } from 'chai'
import { fourHosts, tsplay } from '../run/story.ts'

const files = {
  'inventory.yml': fourHosts,
  'i.yml': '- debug: {msg: x}\n',
  'site.yml': `- hosts: web
  name: first
  tags: all_of_it
  tasks:
    - {name: a, command: hostname, tags: [x]}
    - {name: c, include_tasks: i.yml, tags: y}
`,
}

/** As ansible-playbook 2.14 prints them. */
const lists: Readonly<Record<string, string>> = {
  '--list-hosts': '    pattern: web\n    hosts (2):\n      h1\n      h2\n',
  '--list-tasks': '    tasks:\n      a\tTAGS: [all_of_it, x]\n      c\tTAGS: [all_of_it, y]\n',
  '--list-tags': '      TASK TAGS: [all_of_it, x, y]\n',
}

describe('listings', () => {
  for (const [word, lines] of Object.entries(lists)) {
    it(`${word} says what would be, and does nothing`, async () => {
      const { status, stdout, stderr } = await tsplay(files, ['run', 'site.yml', '-i', 'inventory.yml', word])
      expect(stderr).to.equal('')
      expect(stdout).to.equal(`\nplaybook: site.yml\n\n  play #1 (web): first\tTAGS: [all_of_it]\n${lines}`)
      expect(status).to.equal(0)
    })
  }
})

describe('exit statuses', () => {
  const status = async (words: readonly string[]) => (await tsplay(files, words)).status
  it('5 for words that are wrong', async () => {
    expect(await status(['run', 'site.yml', '--bogus'])).to.equal(5)
    expect(await status(['run', 'site.yml', '-i', 'inventory.yml', '--forks', 'many'])).to.equal(5)
    expect(await status(['run', 'site.yml', '-i', 'inventory.yml', '-e', 'novalue'])).to.equal(5)
  })
  it('1 for a book that is wrong', async () => {
    expect(await status(['run', 'nope.yml', '-i', 'inventory.yml'])).to.equal(1)
  })
})
