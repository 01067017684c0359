import { expect } from 'chai'
import { thousandTasks } from '../bench/thousand-tasks.ts'
import { fourHosts, tsplay } from '../run/story.ts'
import { examined, line } from './examined.ts'

/** How often each file is read while work is done, by the end of its path. */
async function reads(work: () => Promise<unknown>): Promise<Map<string, number>> {
  // The binding that the engine's own `import … from 'node:fs'` follows.
  const { default: fs } = await import('node:fs')
  const { syncBuiltinESMExports } = await import('node:module')
  const counts = new Map<string, number>()
  const real = fs.readFileSync
  fs.readFileSync = ((path: string, ...rest: []) => {
    const name = /tsplay-preflight-[^/]+\/(.*)$/.exec(String(path))?.[1]
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
    return real(path, ...rest)
  }) as typeof real
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    fs.readFileSync = real
    syncBuiltinESMExports()
  }
  return counts
}

/** The same project by other names: what a text comes to is kept, by its words. */
function another(): Record<string, string> {
  const other = (text: string) => text.replace(/role(?=\d)/g, 'part')
  return Object.fromEntries(Object.entries(thousandTasks()).map(([path, text]) => [other(path), other(text)]))
}

describe('a project of a thousand tasks', function () {
  // Slow only where the machine does much else.
  this.timeout(120_000)

  it('is found right, without a warning', async () => {
    const { problems, warnings } = await examined(thousandTasks(), ['-i', 'inventory.yml'])
    expect([...problems, ...warnings].map(line)).to.deep.equal([])
  })

  it('has each of its files read once or twice, however many tasks and hosts need them', async () => {
    const counts = await reads(() => examined(thousandTasks(), ['-i', 'inventory.yml']))
    expect(counts.get('roles/role1/tasks/main.yml')).to.be.at.least(1)
    expect([...counts].filter(([, count]) => count > 2)).to.deep.equal([])
  })

  it('has each of its texts parsed once, however many hosts ask', async () => {
    const { default: Handlebars } = await import('handlebars')
    const real = Handlebars.parse
    let parsed = 0
    Handlebars.parse = (...words) => {
      parsed++
      return real(...words)
    }
    try {
      await examined(another(), ['-i', 'inventory.yml'])
    } finally {
      Handlebars.parse = real
    }
    // 20 roles of 50 tasks with fewer than two texts each, some defaults, and a template.
    expect(parsed).to.be.within(100, 1500)
  })
})

describe('what is wrong', () => {
  it('comes in the order of files and lines, each once', async () => {
    const task = (name: string) => `- debug: {msg: "{{${name}}}"}\n`
    const { status, stderr } = await tsplay(
      {
        'inventory.yml': fourHosts,
        'site.yml': '- hosts: all\n  tasks: [{import_tasks: b.yml}, {import_tasks: a.yml}, {import_tasks: a.yml}]\n',
        'a.yml': task('one') + task('two'),
        'b.yml': task('three'),
      },
      ['validate', 'site.yml', '-i', 'inventory.yml'],
    )
    expect(status).to.equal(1)
    expect([...stderr.matchAll(/--> (\S+)/g)].map(([, at]) => at)).to.deep.equal([
      'a.yml:1:19',
      'a.yml:2:19',
      'b.yml:1:19',
    ])
  })

  it('in a file that cannot be read brings nothing else that its parts would have set', async () => {
    const { problems } = await examined(
      {
        'inventory.yml': fourHosts,
        'site.yml':
          '- hosts: h1\n  vars_files: [v.yml]\n  roles: [r]\n  tasks:\n    - {debug: {msg: "{{from_r}} {{nope}}"}, notify: of r}\n    - {coppy: {dest: /x}}\n',
        'roles/r/tasks/main.yml': '- set_fact: {from_r: 1\n',
        'v.yml': 'a: 1\n',
      },
      ['-i', 'inventory.yml'],
    )
    expect(problems.map(({ code }) => code).sort()).to.deep.equal(['unknown-module', 'yaml-syntax'])
  })
})
