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
  '--list-hosts': "    pattern: ['web']\n    hosts (2):\n      h1\n      h2\n",
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

describe('listings of blocks, roles, imports and several plays', () => {
  const book = {
    'inventory.yml': fourHosts,
    'roles/r/tasks/main.yml': '- debug: {msg: x}\n- {name: own, debug: {msg: x}, tags: rt}\n',
    'more.yml': '- hosts: [h1, "db"]\n  tasks: [{name: two, debug: {msg: x}}]\n',
    'site.yml': `- name: First
  hosts: web:!h2
  tags: p
  roles: [{role: r, tags: rr}]
  tasks:
    - tags: b
      block:
        - {name: in, debug: {msg: x}}
        - {name: never, debug: {msg: x}, tags: never}
      rescue: [{name: rescue, debug: {msg: x}}]
      always: [{name: always, debug: {msg: x}}]
- import_playbook: more.yml
`,
  }
  const list = async (...words: string[]) =>
    (await tsplay(book, ['run', 'site.yml', '-i', 'inventory.yml', ...words])).stdout

  it('all together, as ansible-playbook 2.14 prints them', async () => {
    expect(await list('--list-hosts', '--list-tasks', '--list-tags')).to.equal(`
playbook: site.yml

  play #1 (web:!h2): First\tTAGS: [p]
    pattern: ['web:!h2']
    hosts (1):
      h1
    tasks:
      debug\tTAGS: [p, rr]
      r : own\tTAGS: [p, rr, rt]
      in\tTAGS: [b, p]
      TASK TAGS: [b, p, rr, rt]

  play #2 (h1,db): h1,db\tTAGS: []
    pattern: ['h1', 'db']
    hosts (3):
      h1
      h3
      h4
    tasks:
      two\tTAGS: []
      TASK TAGS: []
`)
  })

  it('only what the tags choose', async () => {
    expect(await list('--list-tasks', '--tags', 'never,rt', '--limit', 'h1')).to.contain(
      '    tasks:\n      r : own\tTAGS: [p, rr, rt]\n      never\tTAGS: [b, never, p]\n\n',
    )
  })
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
