import { expect } from 'chai'
import { play, playOnce, recap, said, trace } from './story.ts'

const section = (more: string) => `- hosts: all
  tasks:
    - name: one at a time
      throttle: 1
${more}      block:
        - {name: stop, command: "true"}
        - {name: check, command: "false", when: inventory_hostname == "h2" && broken}
        - {name: start, debug: {msg: "{{inventory_hostname}}"}}
    - {name: after, debug: {msg: after}}
  vars: {broken: false}
`

describe('a block with throttle', () => {
  it('is gone through by one host before the next begins', async () => {
    const { status, events } = await play({ book: section('') })
    expect(trace(events)).to.deep.equal([
      ...['h1', 'h2', 'h3', 'h4'].flatMap((host) => [
        `stop: ${host} changed`,
        `check: ${host} skipped`,
        `start: ${host} ok`,
      ]),
      'after: h1 ok, h2 ok, h3 ok, h4 ok',
    ])
    expect(status).to.equal(0)
  })

  it('keeps the others out when one fails, and says so', async () => {
    const { status, events } = await play({ book: section(''), words: ['-e', '{"broken": true}'] })
    expect(trace(events)).to.deep.equal([
      'stop: h1 changed',
      'check: h1 skipped',
      'start: h1 ok',
      'stop: h2 changed',
      'check: h2 failed',
      'after: h1 ok',
    ])
    const lost = events.filter((event) => event.event === 'hosts_lost')
    expect(lost.map((event) => event.reason)).to.deep.equal([
      'h2 failed inside "one at a time", which goes one after another: h3, h4 did not begin it.',
    ])
    expect(recap(events)).to.deep.equal(['h1 ok=3 changed=1 skipped=1', 'h2 ok=1 changed=1 failed=1'])
    expect(status).to.equal(2)
  })

  it('lets the others in after a failure where any_errors_fatal is false', async () => {
    const { status, events } = await play({
      book: section('      any_errors_fatal: false\n'),
      words: ['-e', '{"broken": true}'],
    })
    expect(said(events)).to.deep.equal(['h1: h1', 'h3: h3', 'h4: h4', 'h1: after', 'h3: after', 'h4: after'])
    expect(status).to.equal(2)
  })

  it('takes as many hosts together as it says', async () => {
    const { events } = await play({ book: section('').replace('throttle: 1', 'throttle: 3') })
    expect(trace(events).filter((line) => line.startsWith('start'))).to.deep.equal([
      'start: h1 ok, h2 ok, h3 ok',
      'start: h4 ok',
    ])
  })

  it('goes on with the next host when a rescue has mended the failure', async () => {
    const { status, events } = await play({
      book: section('').replace(
        '    - {name: after',
        '      rescue:\n        - {name: mend, debug: {msg: "mended {{inventory_hostname}}"}}\n    - {name: after',
      ),
      words: ['-e', '{"broken": true}'],
    })
    expect(said(events).slice(0, 4)).to.deep.equal(['h1: h1', 'h2: mended h2', 'h3: h3', 'h4: h4'])
    expect(status).to.equal(0)
  })

  it('holds for handlers that are blocks', async () => {
    const { events } = await play({
      book: `- hosts: web
  tasks: [{name: change, command: "true", notify: restart}]
  handlers:
    - name: restart
      throttle: 1
      block:
        - {name: stop, debug: {msg: stop}}
        - {name: start, debug: {msg: start}}
`,
    })
    expect(said(events)).to.deep.equal(['h1: stop', 'h1: start', 'h2: stop', 'h2: start'])
  })
})

describe('a task with throttle', () => {
  it('runs on so many hosts at once', async () => {
    const { events } = await play({
      book: `- hosts: all
  tasks:
    - name: alone
      throttle: 1
      shell: mkdir {{playbook_dir}}/lock && sleep 0.1 && rmdir {{playbook_dir}}/lock
`,
    })
    expect(trace(events)).to.deep.equal(['alone: h1 changed, h2 changed, h3 changed, h4 changed'])
  })
})

describe('strategies', () => {
  const book = (strategy: string) => `- hosts: web
  strategy: ${strategy}
  tasks:
    - {name: wait, shell: "sleep 0.4", when: inventory_hostname == "h1"}
    - {name: mark, command: "true", notify: ring}
  handlers:
    - {name: ring, debug: {msg: ring}}
`
  const order = async (strategy: string) => {
    const { status, events } = await playOnce({ book: book(strategy) }, [])
    expect(status).to.equal(0)
    expect(recap(events)).to.deep.equal(['h1 ok=3 changed=2', 'h2 ok=2 changed=1 skipped=1'])
    return events.flatMap((event) => (event.event === 'result' ? [`${event.host} ${event.task}`] : []))
  }

  for (const strategy of ['free', 'host_pinned']) {
    it(`${strategy}: each host goes on by itself, its handlers too`, async () => {
      expect(await order(strategy)).to.deep.equal(['h2 wait', 'h2 mark', 'h2 ring', 'h1 wait', 'h1 mark', 'h1 ring'])
    })
  }

  it('linear: every host ends a task before the next begins', async () => {
    const told = await order('linear')
    expect(told.slice(0, 2)).to.deep.equal(['h2 wait', 'h1 wait'])
    expect(told.slice(2, 4)).to.have.members(['h1 mark', 'h2 mark'])
  })
})

describe('any_errors_fatal', () => {
  it('leaves the others alone where an always still looks at the failure, as in Ansible', async () => {
    const { status, events } = await play({
      book: `- hosts: web
  any_errors_fatal: true
  tasks:
    - block:
        - {name: one, command: "false", when: inventory_hostname == "h1"}
        - {name: two, debug: {msg: x}}
      always:
        - {name: always, debug: {msg: always}}
    - {name: after, debug: {msg: after}}
`,
    })
    expect(trace(events)).to.deep.equal([
      'one: h1 failed, h2 skipped',
      'two: h2 ok',
      'always: h1 ok, h2 ok',
      'after: h2 ok',
    ])
    expect(status).to.equal(2)
  })
})
