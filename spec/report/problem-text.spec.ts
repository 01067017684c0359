import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { Source } from '../../engine/base/span.ts'
import { formatProblem, formatProblems } from '../../engine/report/problem-text.ts'

/** A source in which «…» marks the span. */
function marked(file: string, text: string) {
  const start = text.indexOf('«')
  const end = text.indexOf('»') - 1
  return { source: new Source(file, text.replace(/[«»]/g, '')), start, end }
}

const shown = (at: ReturnType<typeof marked>, width?: number) =>
  formatProblem(new Problem('shape', 'x', { at }), { width })
    .split('\n')
    .slice(1)
    .join('\n')

describe('problem text', () => {
  it('shows the line, a caret below it, and what to do', () => {
    const at = marked('roles/etcd/tasks/main.yml', `${'- x\n'.repeat(11)}    url: "{{«etcd_vesion»}}"\n`)
    expect(
      formatProblem(
        new Problem('undefined-variable', '"etcd_vesion" is not defined', { at, hint: 'Did you mean "etcd_version"?' }),
      ),
    ).to.equal(
      `error[undefined-variable]: "etcd_vesion" is not defined.
  --> roles/etcd/tasks/main.yml:12:13
   |
12 |     url: "{{etcd_vesion}}"
   |             ^^^^^^^^^^^
   = help: Did you mean "etcd_version"?`,
    )
  })

  it('says only what it knows when there is no place', () => {
    expect(formatProblem(new Problem('usage', 'no playbook is named', { hint: 'Name one.' }))).to.equal(
      'error[usage]: No playbook is named.\n  = help: Name one.',
    )
    const at = { source: new Source('-e', ''), start: 0, end: 0 }
    expect(formatProblem(new Problem('usage', 'no', { at }))).to.equal('error[usage]: no.\n --> -e')
  })

  it('shows further places as notes, and the host', () => {
    const first = marked('a.yml', 'x: 1\n«x»: 2\n')
    const second = { source: first.source, start: 0, end: 1 }
    expect(
      formatProblem(new Problem('yaml-trap', 'twice', { at: [first, second], host: 'm1', hint: 'Remove one.' })),
    ).to.equal(`error[yaml-trap]: twice.
 --> a.yml:2:1
  |
2 | x: 2
  | ^
note: see also
 --> a.yml:1:1
  |
1 | x: 1
  | ^
  = host: m1
  = help: Remove one.`)
  })

  it('tells causes in words, without codes, repetitions and stacks', () => {
    const missing = Object.assign(new Error("ENOENT: no such file or directory, open 'x'"), { code: 'ENOENT' })
    const between = new Problem('file-missing', 'x cannot be read', { cause: missing })
    expect(formatProblem(new Problem('template', 'the template fails: x cannot be read', { cause: between }))).to.equal(
      "error[template]: The template fails: x cannot be read.\n  = because: no such file or directory, open 'x'",
    )
    expect(formatProblem(new Problem('download', 'no', { cause: 'line one\nline two' }))).to.equal(
      'error[download]: no.\n  = because: line one\n             line two',
    )
    expect(formatProblem(new Problem('internal', 'oops', { cause: new TypeError('oops') }))).to.equal(
      'error[internal]: oops.\n  = help: This is a mistake of tsplay itself: please report it, with the command and this text',
    )
  })

  it('measures tabs, wide and combining characters as the terminal does', () => {
    expect(shown(marked('a', '\ta:\t«b»'))).to.equal(' --> a:1:5\n  |\n1 |     a:  b\n  |         ^')
    expect(shown(marked('a', '名前: «値段»!'))).to.equal(' --> a:1:5\n  |\n1 | 名前: 値段!\n  |       ^^^^')
    expect(shown(marked('a', 'e\u0301a: «🎉»b'))).to.equal(' --> a:1:6\n  |\n1 | e\u0301a: 🎉b\n  |     ^^')
  })

  it('cuts a long line around the place', () => {
    expect(shown(marked('a', `${'a'.repeat(100)}«here»${'b'.repeat(100)}`), 34)).to.equal(
      ` --> a:1:101\n  |\n1 | …${'a'.repeat(9)}here${'b'.repeat(15)}…\n  | ${' '.repeat(10)}^^^^`,
    )
    expect(shown(marked('a', `«here»${'b'.repeat(100)}`), 34)).to.equal(
      ` --> a:1:1\n  |\n1 | here${'b'.repeat(25)}…\n  | ^^^^`,
    )
    expect(shown(marked('a', `${'a'.repeat(100)}«here»`), 34)).to.equal(
      ` --> a:1:101\n  |\n1 | …${'a'.repeat(25)}here\n  | ${' '.repeat(26)}^^^^`,
    )
  })

  it('shows of a span of several lines the first', () => {
    expect(shown(marked('a', 'k: «one\n  two»\n'))).to.equal(' --> a:1:4\n  |\n1 | k: one\n  |    ^^^')
  })

  it('covers secrets that stand in the line, in their places', () => {
    const line = (text: string) => shown(marked('a', text)).split('\n').slice(2)
    expect(line('- user: {passwrod: 1, «nme»: x, password: "hunter22"}')).to.deep.equal([
      '1 | - user: {passwrod: 1, nme: x, password: "********"}',
      '  |                       ^^^',
    ])
    expect(line('db_password: «hunter22»')[0]).to.equal('1 | db_password: ********')
    expect(line('h1 ansible_become_password=hunter22 «x»')[0]).to.equal('1 | h1 ansible_become_password=******** *')
    expect(line('api_token: «{{ token }}hunter22»')[0]).to.equal('1 | api_token: {{ token }}********')
    expect(line('update_password: «always»')[0]).to.equal('1 | update_password: always')
    expect(line('tls_private_key: |\n  one\n\n  «two» three\n')).to.deep.equal(['4 |   *********', '  |   ^^^'])
  })

  it('breaks long sentences between words', () => {
    const words = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ')
    const text = formatProblem(new Problem('usage', words, { hint: words }))
    expect(text.split('\n').map((part) => part.length <= 100)).to.not.include(false)
    expect(text.replace(/\n */g, ' ')).to.equal(`error[usage]: ${words}. = help: ${words}`)
  })

  it('points behind the end, and at nothing, with one caret', () => {
    expect(shown(marked('a', 'key:«»\n'))).to.equal(' --> a:1:5\n  |\n1 | key:\n  |     ^')
    expect(shown({ source: new Source('a', 'x\n'), start: 2, end: 2 })).to.equal(' --> a:2:1\n  |\n2 |\n  | ^')
  })

  it('is not led astray by control characters', () => {
    expect(formatProblem(new Problem('shape', 'a\u001b[31mb\u0000', { at: marked('a', '\u001b[2J«x»') }))).to.equal(
      'error[shape]: ab\ufffd.\n --> a:1:5\n  |\n1 | \ufffd[2Jx\n  |     ^',
    )
  })

  it('tells several once each, and counts', () => {
    const problem = new Problem('usage', 'a')
    expect(formatProblems([problem, new Problem('usage', 'b'), problem])).to.equal(
      'error[usage]: a.\n\nerror[usage]: b.\n\n2 problems',
    )
    expect(formatProblems([problem])).to.equal('error[usage]: a.\n\n1 problem')
  })

  it('colours when asked', () => {
    expect(formatProblem(new Problem('usage', 'a', { hint: 'b' }), { colour: true })).to.equal(
      '\u001b[1m\u001b[31merror[usage]:\u001b[39m\u001b[22m \u001b[1ma.\u001b[22m\n  \u001b[34m=\u001b[39m \u001b[36mhelp:\u001b[39m b',
    )
  })
})
