import { expect } from 'chai'
import { play, recap, trace } from './story.ts'

const check = (book: string) => play({ book, words: ['--check'] })

describe('a dry run', () => {
  it('says "may change" where something rests on the output of a command', async () => {
    const { status, events } = await check(`- hosts: h1
  tasks:
    - {name: ask, shell: "echo yes", register: answer}
    - {name: condition, debug: {msg: x}, when: answer.stdout == "yes"}
    - {name: text, command: "echo {{answer.stdout}}"}
    - {name: loop, command: "echo {{item}}", loop: !expr answer.stdout_lines}
    - {name: until, command: "true", register: again, until: again.rc == 0, retries: 3, delay: 30}
    - {name: changed, command: "true", register: c, changed_when: c.stdout == "x"}
    - {name: failed, command: "true", register: f, failed_when: f.rc != 0}
    - {name: new file, copy: {content: "{{answer.stdout}}", dest: "{{playbook_dir}}/made"}}
    - {name: file, copy: {content: "{{answer.stdout}}", dest: "{{playbook_dir}}/site.yml"}}
    - {name: data, copy: {content: {it: !expr answer.stdout}, dest: "{{playbook_dir}}/site.yml"}}
    - {name: known, debug: {msg: "{{answer.cmd}}"}}
    - {name: include, include_tasks: "{{answer.stdout}}.yml"}
    - {name: rescue, block: [{name: in block, debug: {msg: x}, when: answer.rc == 0}]}
`)
    expect(trace(events)).to.deep.equal([
      'ask: h1 may_change',
      'condition: h1 may_change',
      'text: h1 may_change',
      'loop: h1 may_change',
      'until: h1 may_change',
      'changed: h1 may_change',
      'failed: h1 may_change',
      'new file: h1 changed',
      'file: h1 may_change',
      'data: h1 may_change',
      'known: h1 ok',
      'in block: h1 may_change',
    ])
    expect(status).to.equal(0)
  })

  it('calls a look that comes too early "ok" and not verified, and what it would see not known', async () => {
    const { status, events } = await check(`- hosts: h1
  tasks:
    - {name: change, copy: {content: x, dest: "{{playbook_dir}}/made"}}
    - {name: look, wait_for: {path: "{{playbook_dir}}/none", timeout: 60}, register: look}
    - {name: not so, debug: {msg: x}, when: look.elapsed > 3}
    - {name: post, uri: {url: "http://127.0.0.1:1/", method: POST}}
    - name: again
      wait_for: {path: "{{playbook_dir}}/none", timeout: 60}
      register: got
      until: got.state == "started"
      retries: 9
      delay: 60
    - {name: each, wait_for: {path: "{{playbook_dir}}/{{item}}"}, loop: [made, none]}
    - {name: where, wait_for: {path: "{{got.path}}"}}
`)
    expect(trace(events)).to.deep.equal([
      'change: h1 changed',
      'look: h1 ok',
      'not so: h1 may_change',
      'post: h1 may_change',
      'again: h1 ok',
      'each: h1 ok',
      'where: h1 ok',
    ])
    expect(status).to.equal(0)
    const unverified = events.flatMap((one) => (one.event === 'result' && one.result.unverified ? [one.task] : []))
    expect(unverified).to.deep.equal(['look', 'again', 'each', 'where'])
  })

  it('does not wait for what its own changes would bring about', async () => {
    const wait =
      '{name: wait, stat: {path: "{{playbook_dir}}/none"}, register: got, until: got.stat.exists, retries: 9, delay: 60}'
    const { status, events } = await check(`- hosts: h1
  tasks:
    - {name: change, copy: {content: x, dest: "{{playbook_dir}}/made"}}
    - ${wait}
    - {name: then, debug: {msg: x}, when: got.stat.exists}
`)
    expect(trace(events)).to.deep.equal(['change: h1 changed', 'wait: h1 ok', 'then: h1 may_change'])
    expect(status).to.equal(0)
    const seen = events.find((one) => one.event === 'result' && one.task === 'wait')
    expect(seen).to.have.nested.property('result.unverified').that.includes('"until" does not hold')
    const alone = await check(`- hosts: h1\n  tasks:\n    - ${wait.replace('9, delay: 60', '1, delay: 0')}\n`)
    expect(trace(alone.events)).to.deep.equal(['wait: h1 failed'])
  })

  it('says where a key goes that is not made yet', async () => {
    const { status, events } = await check(`- hosts: h1
  tasks:
    - {name: pair, openssh_keypair: {path: "{{playbook_dir}}/id", type: ed25519}, register: pair}
    - {name: login, authorized_key: {user: root, path: "{{playbook_dir}}/keys", key: "{{pair.public_key}}"}, register: login}
    - {name: there, stat: {path: "{{playbook_dir}}/keys", get_checksum: false}, register: there}
    - {name: hold, debug: {msg: x}, when: there.stat.exists}
    - {name: read, slurp: {src: "{{playbook_dir}}/keys"}, register: text}
    - {name: gone, authorized_key: {user: root, path: "{{playbook_dir}}/keys", key: "{{pair.public_key}}", state: absent}}
`)
    expect(trace(events)).to.deep.equal([
      'pair: h1 changed',
      'login: h1 changed',
      'there: h1 ok',
      'hold: h1 ok',
      'read: h1 ok',
      'gone: h1 changed',
    ])
    expect(status).to.equal(0)
    const login = events.find((one) => one.event === 'result' && one.task === 'login')
    expect(login).to.have.nested.property('diff[0].path', './keys')
  })

  it('fails for a look that nothing of it would make right', async () => {
    const { status } = await check('- hosts: h1\n  tasks: [{name: look, wait_for: {path: "{{playbook_dir}}/none"}}]\n')
    expect(status).to.equal(2)
  })

  it('lets "may change" notify handlers, which are dry-run too', async () => {
    const { events } = await check(`- hosts: h1
  tasks: [{name: one, command: "true", notify: bell}]
  handlers: [{name: bell, command: "false"}]
`)
    expect(trace(events)).to.deep.equal(['one: h1 may_change', 'bell: h1 may_change'])
  })

  it('keeps the known parts of a loop whose items would run', async () => {
    const { status, events } = await check(`- hosts: h1
  tasks:
    - {name: each, command: "echo {{item}}", loop: [a, b], register: each}
    - {name: items, debug: {msg: "{{item.item}}"}, loop: !expr each.results}
    - {name: outputs, command: "echo {{item.stdout}}", loop: !expr each.results}
`)
    expect(trace(events)).to.deep.equal(['each: h1 may_change', 'items: h1 ok', 'outputs: h1 may_change'])
    expect(status).to.equal(0)
  })

  it('sees what earlier tasks would have made', async () => {
    const { status, events } = await check(`- hosts: h1
  vars: {at: "{{playbook_dir}}/new"}
  tasks:
    - {name: folder, file: {path: "{{at}}", state: directory}}
    - {name: file, copy: {content: hello, dest: "{{at}}/f"}}
    - {name: look, stat: {path: "{{at}}/f"}, register: there}
    - {name: hold, assert: {that: [there.stat.exists, there.stat.size == 5]}}
    - {name: creates, command: "false", args: {creates: "{{at}}/f"}}
`)
    expect(trace(events)).to.deep.equal([
      'folder: h1 changed',
      'file: h1 changed',
      'look: h1 ok',
      'hold: h1 ok',
      'creates: h1 ok',
    ])
    expect(status).to.equal(0)
  })

  it('check_mode: false really runs, check_mode: true never does', async () => {
    const { events } = await check(`- hosts: h1
  tasks:
    - {name: real, command: "echo yes", register: r, check_mode: false, changed_when: false}
    - {name: hold, assert: {that: [r.stdout == "yes"]}}
`)
    expect(trace(events)).to.deep.equal(['real: h1 ok', 'hold: h1 ok'])
    const real = await play({ book: '- hosts: h1\n  tasks: [{name: never, command: "false", check_mode: true}]\n' })
    expect(trace(real.events)).to.deep.equal(['never: h1 may_change'])
    expect(real.status).to.equal(0)
  })

  it('counts what may change apart', async () => {
    const { events } = await check('- hosts: h1\n  tasks: [{name: one, command: "true"}]\n')
    expect(recap(events)).to.deep.equal(['h1 ok=1 may_change=1'])
  })
})

describe('round trips', () => {
  it('are few where nothing changes: 30 files, one look', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `f${index}`)
    const tasks = names.map((name) => `    - {copy: {content: ${name}, dest: "{{playbook_dir}}/${name}"}}`).join('\n')
    const files = Object.fromEntries(names.map((name) => [name, name]))
    const { events } = await play({ book: `- hosts: h1\n  tasks:\n${tasks}\n`, files })
    const last = events.at(-1)
    expect(recap(events)).to.deep.equal(['h1 ok=30'])
    expect(last?.event === 'recap' && last.round_trips).to.be.within(1, 4)
  })
})
