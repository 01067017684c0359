import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { Masker } from '../../engine/base/secret.ts'
import { Source } from '../../engine/base/span.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import type { PlayContext } from '../../engine/run/play-context.ts'
import { askPrompts } from '../../engine/run/prompts.ts'
import { Stepping } from '../../engine/run/stepping.ts'
import { tsplay } from './story.ts'

const aHost = 'all: {hosts: {h1: {ansible_connection: local}}}\n'

/** Without a terminal, whoever runs the specs. */
async function unattended(book: string, ...words: string[]) {
  const before = Object.getOwnPropertyDescriptor(process.stdin, 'isTTY')
  Object.defineProperty(process.stdin, 'isTTY', { value: false, configurable: true })
  try {
    return await tsplay({ 'inventory.yml': aHost, 'site.yml': book }, [
      'run',
      'site.yml',
      '-i',
      'inventory.yml',
      ...words,
    ])
  } finally {
    if (before) Object.defineProperty(process.stdin, 'isTTY', before)
    else Reflect.deleteProperty(process.stdin, 'isTTY')
  }
}

/** Asks a play's questions; `answers` are what a person types, in order. */
async function prompted(yaml: string, answers: string[]) {
  const asked: string[] = []
  const warnings: string[] = []
  const node = parseYaml(new Source('site.yml', yaml)).root!
  const context = {
    play: { level: { keywords: new Map([['vars_prompt', node]]) } },
    hosts: [{}],
    prompted: new Map<string, { value: unknown }>(),
    hostScope: () => ({
      has: (name: string) => name === 'app',
      get: (name: string) => (name === 'app' ? 'shop' : undefined),
      names: () => ['app'],
    }),
    session: {
      masker: new Masker(),
      emit: (event: { message: string }) => warnings.push(event.message),
      options: {
        extra: { variables: new Map() },
        ask: async (question: string, how: { hidden?: boolean }) => {
          asked.push(question + (how.hidden ? '(hidden)' : ''))
          return answers.shift() ?? ''
        },
      },
    },
  }
  await askPrompts(context as unknown as PlayContext)
  const given = Object.fromEntries([...context.prompted].map(([name, { value }]) => [name, value]))
  return { given, asked, warnings, masker: context.session.masker }
}

describe('questions of a play', () => {
  it('are asked hidden unless they say otherwise, with their default', async () => {
    const { given, asked, masker } = await prompted(
      '[{name: a}, {name: b, prompt: "B of {{app}}", private: false, default: 7}, {name: c, private: false, default: x}]',
      ['secret', '', 'typed'],
    )
    expect(asked).to.deep.equal(['input for a: (hidden)', 'B of shop [7]: ', 'input for c [x]: '])
    expect(given).to.deep.equal({ a: 'secret', b: 7, c: 'typed' })
    expect(masker.text('secret')).not.to.contain('secret')
  })

  it('are asked again until both answers are the same', async () => {
    const { given, asked, warnings } = await prompted('[{name: a, prompt: A, confirm: true}]', ['one', 'two', 'x', 'x'])
    expect(asked).to.deep.equal(['A: (hidden)', 'confirm A: (hidden)', 'A: (hidden)', 'confirm A: (hidden)'])
    expect(warnings).to.have.length(1)
    expect(given).to.deep.equal({ a: 'x' })
  })

  it('are encrypted as crypt(3) does', async () => {
    const { given } = await prompted(
      '[{name: a, encrypt: md5_crypt, salt: abcdefgh}, {name: b, encrypt: sha512_crypt, salt_size: 7}]',
      ['pass', 'pass'],
    )
    const referee = execFileSync('openssl', ['passwd', '-1', '-salt', 'abcdefgh', 'pass'], { encoding: 'utf8' }).trim()
    expect(given.a).to.equal(referee)
    expect(given.b).to.match(/^\$6\$[a-zA-Z0-9]{7}\$.{86}$/)
  })

  it('are answered by -e; without a terminal and a default they stop the run before it begins', async () => {
    const book =
      '- hosts: h1\n  vars_prompt: [{name: a}, {name: b, default: d}]\n  tasks: [{debug: {msg: "{{a}} {{b}}"}}]\n'
    const { stdout, status } = await unattended(book, '-e', 'a=given')
    expect(stdout).to.contain('given d')
    expect(status).to.equal(0)
    const without = await unattended(book)
    expect(without.stderr).to.contain('The play asks for "a", and there is no terminal to ask on.')
    expect(without.stderr).to.contain('Answer it with -e a=…, or give it a "default".')
    expect(without.stdout).to.equal('')
    expect(without.status).not.to.equal(0)
  })

  it('name only hashes that can be made', async () => {
    const { stderr } = await unattended('- hosts: h1\n  vars_prompt: [{name: a, encrypt: bcrypt}]\n  tasks: []\n')
    expect(stderr).to.contain('"encrypt: bcrypt" is not a hash that tsplay makes.')
  })
})

describe('--step', () => {
  const answering = (...answers: string[]) => {
    const asked: string[] = []
    const stepping = new Stepping({
      step: true,
      ask: async (question) => {
        asked.push(question)
        return answers.shift() ?? ''
      },
    })
    return { stepping, asked }
  }

  it('runs a task on yes, leaves it out on any other answer, and asks no more after continue', async () => {
    const { stepping, asked } = answering('y', 'n', '', 'YES', 'c')
    const wanted: boolean[] = []
    for (const task of ['a', 'b', 'c', 'd', 'e', 'f']) wanted.push(await stepping.wants(`TASK: ${task}`))
    expect(wanted).to.deep.equal([true, false, false, true, true, true])
    expect(asked).to.have.length(5)
    expect(asked[0]).to.equal('Perform task: TASK: a (N)o/(y)es/(c)ontinue: ')
  })

  it('asks hosts that go their own way one after the other', async () => {
    const { stepping, asked } = answering('c')
    const wanted = await Promise.all(['h1', 'h2'].map((host) => stepping.wants('TASK: a', host)))
    expect(wanted).to.deep.equal([true, true])
    expect(asked).to.deep.equal(['Perform task: TASK: a on h1 (N)o/(y)es/(c)ontinue: '])
  })

  it('needs a terminal', async () => {
    const { stderr, status } = await unattended('- hosts: h1\n  tasks: [{debug: {msg: x}}]\n', '--step')
    expect(stderr).to.contain('--step asks before every task, and there is no terminal to ask on.')
    expect(status).to.equal(5)
  })
})
