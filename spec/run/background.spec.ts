import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { play, playOnce, recap, said, trace } from './story.ts'

const aHost = 'all: {hosts: {h1: {ansible_connection: local}}}\n'

describe('tasks in the background', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-jobs-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const told = (...tasks: string[]) => ({
    files: { 'inventory.yml': aHost },
    book: `- hosts: h1\n  environment: {ANSIBLE_ASYNC_DIR: ${folder}/jobs, HOME: /nowhere}\n  vars: {folder: ${folder}}\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`,
  })
  const status =
    '{name: end, async_status: {jid: "{{job.ansible_job_id}}"}, register: end, until: end.finished == 1, retries: 20, delay: 1'

  it('goes on while others run, and tells its result when asked', async () => {
    const { events } = await playOnce(
      told(
        '{name: start, shell: "sleep 1; echo made >{{folder}}/made; echo out; exit 3", async: 30, poll: 0, register: job}',
        '{name: not yet, debug: {msg: "{{job.started}} {{job.finished}}"}}',
        `${status}, failed_when: false}`,
        '{name: told, debug: {msg: "{{end.rc}} {{end.stdout}} {{end.finished}}"}}',
        '{name: there, stat: {path: "{{folder}}/made"}, register: made}',
        '{name: seen, debug: {msg: "{{made.stat.exists}}"}}',
        '{name: clean, async_status: {jid: "{{job.ansible_job_id}}", mode: cleanup}}',
      ),
      [],
    )
    expect(said(events)).to.deep.equal(['h1: 1 0', 'h1: 3 out 1', 'h1: true'])
    expect(recap(events)).to.deep.equal(['h1 ok=7 changed=2'])
    expect(readdirSync(join(folder, 'jobs'))).to.deep.equal([])
  })

  it('looks anew at what a job may have changed, ahead or not', async () => {
    const path = join(folder, 'late')
    const { events } = await play(
      told(
        '{name: start, shell: "rm -f {{folder}}/late; sleep 1; touch {{folder}}/late", async: 30, poll: 0}',
        '{name: wait, pause: {seconds: 2}}',
        '{name: look, stat: {path: "{{folder}}/late"}, register: late}',
        '{name: seen, debug: {msg: "{{late.stat.exists}}"}}',
      ),
    )
    expect(said(events)).to.deep.equal(['h1: true'])
    expect(existsSync(path)).to.equal(true)
  })

  it('outlives tsplay', async () => {
    const path = join(folder, 'survivor')
    const { status: exit } = await playOnce(
      told(`{name: start, shell: "sleep 1; touch ${path}", async: 30, poll: 0}`),
      [],
    )
    expect(exit).to.equal(0)
    expect(existsSync(path)).to.equal(false)
    for (let tries = 0; tries < 50 && !existsSync(path); tries++) await sleep(100)
    expect(existsSync(path)).to.equal(true)
  })

  it('is polled, and ended when it takes too long, with all it started', async () => {
    const { events } = await playOnce(
      told(
        '{name: polled, shell: "echo fine", async: 30, poll: 1, register: job}',
        '{name: said, debug: {msg: "{{job.stdout}} {{job.finished}}"}}',
        '{name: late, shell: "(sleep 3; touch {{folder}}/never) & wait", async: 1, poll: 1, register: job, ignore_errors: true}',
        '{name: told, debug: {msg: "{{job.msg}}"}}',
        '{name: typed, copy: {dest: "{{folder}}/typed", content: x}, async: 30, poll: 1, register: job}',
        '{name: again, copy: {dest: "{{folder}}/typed", content: x}, async: 30, poll: 1, register: job}',
      ),
      [],
    )
    expect(said(events)).to.deep.equal(['h1: fine 1', 'h1: async task did not complete within the requested time - 1s'])
    expect(trace(events).slice(-2)).to.deep.equal(['typed: h1 changed', 'again: h1 ok'])
    await sleep(2500)
    expect(existsSync(join(folder, 'never'))).to.equal(false)
  })

  it('says in a dry run that the task may change, and what rests on the job', async () => {
    const { events } = await playOnce(
      told(
        '{name: start, command: touch /no/such, async: 30, poll: 0, register: job}',
        `${status}}`,
        '{name: typed, copy: {dest: "{{folder}}/planned", content: x}, async: 30, poll: 0, register: job}',
      ),
      ['--check'],
    )
    expect(trace(events)).to.deep.equal(['start: h1 may_change', 'end: h1 may_change', 'typed: h1 changed'])
    expect(existsSync(join(folder, 'planned'))).to.equal(false)
  })

  it('is refused where nothing would go on on the host, and for ids that are none', async () => {
    const { events } = await playOnce(
      told(
        '{name: says, debug: {msg: x}, async: 5, ignore_errors: true}',
        '{name: none, async_status: {jid: j1.2}, ignore_errors: true}',
        // Known only when it runs: a job's id is seldom written out.
        '{name: other, set_fact: {id: ../x}}',
        '{name: wrong, async_status: {jid: "{{id}}"}, ignore_errors: true}',
      ),
      [],
    )
    const messages = events.flatMap((event) => (event.event === 'result' ? [event.result.msg] : []))
    expect(messages).to.deep.equal([
      'async is not supported for this task.',
      'could not find job',
      undefined,
      '"../x" is not the id of a job.',
    ])
  })
})
