import { expect } from 'chai'
import { tsplay } from './story.ts'

const SECRET = 'kept-to-ourselves'
const files = {
  'inventory.yml': 'all: {vars: {ansible_connection: local}, hosts: {h1: {}}}\n',
  'templates/t.hbs': '{{word}}\n',
  'kept.txt': '',
  'site.yml': `
- hosts: h1
  vars: {word: "{{part}}-to-ourselves", part: kept}
  handlers: [{name: told, command: "echo {{word}}", no_log: true}]
  tasks:
    - {name: plain, command: "echo {{word}}", no_log: true, register: plain, notify: told}
    - {name: items, command: "echo {{item}}", no_log: true, loop: ["{{word}}", "x {{word}}"]}
    - {name: by item, command: "echo {{item.text}}", no_log: "{{item.hide}}", loop: [{text: "{{word}}", hide: true}, {text: open, hide: false}]}
    - {name: fails, shell: "echo {{word}}; echo {{word}} >&2; exit 1", no_log: true, ignore_errors: true}
    - {name: tries, shell: "echo {{word}}; exit 1", no_log: true, register: r, until: r.rc == 0, retries: 1, delay: 0, ignore_errors: true}
    - {name: diff, template: {src: t.hbs, dest: "{{playbook_dir}}/made"}, no_log: true}
    - {name: no place, copy: {dest: "/no/{{word}}/x", content: x}, no_log: true, ignore_errors: true}
    - {name: script, raw: "echo {{word}}", async: 20, poll: 1, no_log: true}
    - {name: group, add_host: {name: n1, note: "{{word}}"}, no_log: true}
    - name: block
      no_log: true
      block: [{name: inner, shell: "echo {{word}}; exit 1"}]
      rescue: [{name: rescue, debug: {msg: "{{ansible_failed_result.stdout}}"}}]
    - {name: handler of no name, command: "true", notify: "{{word}}", no_log: true}
    - {name: include, include_tasks: "{{word}}.yml", no_log: true}
`,
}
/** The handler that is not there ends it for the host; so does the file. */
const withInclude = { ...files, 'site.yml': files['site.yml'].replace(/.*handler of no name.*\n/, '') }

describe('no_log', () => {
  for (const [what, told] of [
    ['a handler', files],
    ['an include', withInclude],
  ] as const) {
    for (const words of [[], ['-vvv', '--diff'], ['-vvv', '--diff', '--check'], ['--output', 'jsonl', '--diff']]) {
      it(`hides all that such tasks say, ${what} that is missing too: ${words.join(' ') || 'plainly'}`, async () => {
        const { stdout, stderr } = await tsplay(told, ['run', 'site.yml', '-i', 'inventory.yml', ...words])
        expect(stdout).to.contain('no place')
        expect(stdout + stderr).not.to.contain(SECRET)
      })
    }
  }

  it('hides what was secret before in the difference, and says when nothing else differs', async () => {
    const book = `
- hosts: h1
  gather_facts: false
  tasks:
    - {name: before, copy: {dest: "{{playbook_dir}}/made", content: "user = a\\npass = used-before\\n"}, check_mode: false}
    - {name: after, copy: {dest: "{{playbook_dir}}/made", content: "user = a\\npass = {{ansible_become_password}}\\n"}}
`
    const inventory = `all: {vars: {ansible_connection: local, ansible_become_password: ${SECRET}}, hosts: {h1: {}}}\n`
    for (const words of [['--diff'], ['--output', 'jsonl', '--diff']]) {
      const told = { 'inventory.yml': inventory, 'site.yml': book }
      const { stdout } = await tsplay(told, ['run', 'site.yml', '-i', 'inventory.yml', ...words])
      const after = stdout.slice(stdout.search(/TASK \[after\]|"task":"after"/))
      expect(after).not.to.contain(SECRET)
      expect(after).not.to.contain('used-before')
      expect(after).to.contain(words.length === 1 ? 'made: (only what is secret differs)' : 'pass = ********')
    }
  })

  it('hides what an item of a loop says where another is open', async () => {
    const { stdout } = await tsplay(files, ['run', 'site.yml', '-i', 'inventory.yml', '--output', 'jsonl'])
    const items = stdout
      .split('\n')
      .filter((line) => line.includes('"item"') && line.includes('by item'))
      .map((line) => JSON.parse(line) as { label: string })
    expect(items[0]!.label).to.equal('(censored due to no_log)')
  })
})
