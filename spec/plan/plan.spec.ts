import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { captured, writeFiles } from '../run/story.ts'

const program = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url))

const book = `- hosts: all
  gather_facts: false
  vars: {folder: "{{playbook_dir}}/out"}
  tasks:
    - name: Folder
      file: {path: "{{folder}}", state: directory}
    - name: Settings
      copy: {dest: "{{folder}}/{{inventory_hostname}}", content: "speed={{speed}}\\n"}
      notify: Restart
    - name: Each
      lineinfile: {path: "{{folder}}/{{inventory_hostname}}.list", line: "{{item}}", create: true}
      loop: [a, b]
    - name: Command
      command: "true"
    - name: Secret
      copy: {dest: "{{folder}}/{{inventory_hostname}}.key", content: "{{password}}", mode: "0600"}
      no_log: true
  handlers:
    - name: Restart
      copy: {dest: "{{folder}}/{{inventory_hostname}}.restarted", content: "yes\\n"}
`
const inventory = `all:
  vars: {ansible_connection: local, speed: 10, password: "tell nobody"}
  hosts: {h1: {}, h2: {}, h3: {speed: 20}}
`
const made = ['plan', 'site.yml', '-i', 'inventory.yml', '-o', 'the.plan']

describe('plans that are kept', () => {
  let folder: string
  const tsplay = (...words: string[]) => captured(folder, words)
  const out = (name: string) => join(folder, 'out', name)
  const read = (name: string) => readFileSync(out(name), 'utf8')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-plan-'))
    writeFiles(folder, { 'site.yml': book, 'inventory.yml': inventory })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are made without touching a host, for their owner alone', async () => {
    const { status, stderr } = await tsplay(...made)
    expect(status, stderr).to.equal(0)
    expect(stderr).to.contain(
      'The plan is kept in the.plan. Show it: tsplay show the.plan. Do it: tsplay apply the.plan',
    )
    expect(existsSync(out(''))).to.equal(false)
    expect((statSync(join(folder, 'the.plan')).mode & 0o777).toString(8)).to.equal('600')
    expect(readFileSync(join(folder, 'the.plan'), 'utf8')).not.to.contain('tell nobody')
  })

  it('are for their owner alone in the place of an open file too', async () => {
    writeFiles(folder, { 'the.plan': 'old\n' })
    chmodSync(join(folder, 'the.plan'), 0o644)
    await tsplay(...made)
    expect((statSync(join(folder, 'the.plan')).mode & 0o777).toString(8)).to.equal('600')
    expect((await tsplay('show', 'the.plan')).status).to.equal(0)
  })

  it('are shown with equal hosts together, and host by host', async () => {
    await tsplay(...made)
    const { stdout, status } = await tsplay('show', 'the.plan')
    expect(status).to.equal(0)
    expect(stdout).to.contain('changed: [h[1:3]]\n')
    expect(stdout).to.contain('may change: [h[1:3]] (would run: true)')
    expect(stdout.match(/^\+speed=10$/gm), 'one host at a time: their files differ').to.have.length(2)
    expect(stdout).to.contain('Dry run, no host was changed: ')
    expect(stdout).not.to.contain('tell nobody')
    const one = await tsplay('show', 'the.plan', '--host', 'h3')
    expect(one.stdout).to.contain('+speed=20')
    expect(one.stdout).not.to.contain('speed=10')
    const wrong = await tsplay('show', 'the.plan', '--host', 'h4')
    expect(wrong).to.include({ status: 5 })
    expect(wrong.stderr).to.contain('The plan has no host h4.')
    const lines = (await tsplay('show', 'the.plan', '--output', 'jsonl')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).event)).to.include.members(['run_start', 'result', 'recap'])
  })

  it('are applied, and applied again', async () => {
    await tsplay(...made)
    const { status, stdout } = await tsplay('apply', 'the.plan')
    expect(status, stdout).to.equal(0)
    expect(read('h1')).to.equal('speed=10\n')
    expect(read('h3')).to.equal('speed=20\n')
    expect(read('h2.list')).to.equal('a\nb\n')
    expect(read('h2.key')).to.equal('tell nobody')
    expect(read('h2.restarted')).to.equal('yes\n')
    // An apply that was cut off goes on where it was.
    const again = await tsplay('apply', 'the.plan')
    expect(again.status, again.stdout).to.equal(0)
  })

  it('stop on the host that is no longer as it was, and say what moved', async () => {
    await tsplay('run', 'site.yml', '-i', 'inventory.yml')
    appendFileSync(out('h1.list'), 'c\n')
    writeFileSync(out('h2'), 'speed=11\n')
    rmSync(out('h3.list'))
    await tsplay(...made)
    writeFileSync(out('h2'), 'speed=12\n')
    const { status, stdout } = await tsplay('apply', 'the.plan')
    expect(status).to.equal(2)
    expect(stdout).to.contain(
      `h2 is not as it was when "Settings" was planned: ./out/h2 was "speed=11\\n" and is "speed=12\\n".`,
    )
    expect(stdout).to.contain('--> site.yml:8:7')
    expect(read('h2')).to.equal('speed=12\n')
    expect(read('h3.list'), 'the other hosts go on').to.equal('a\nb\n')
  })

  it('do not do what they did not plan', async () => {
    await tsplay('run', 'site.yml', '-i', 'inventory.yml')
    await tsplay(...made)
    rmSync(out('h1'))
    const { status, stdout } = await tsplay('apply', 'the.plan')
    expect(status).to.equal(2)
    expect(stdout).to.contain('there was nothing to do, and now ./out/h1 is missing and would become "speed=10\\n".')
    expect(existsSync(out('h1'))).to.equal(false)
  })

  it('change nothing more on a stopped host, whatever the playbook forgives', async () => {
    writeFiles(folder, { 'site.yml': book.replaceAll('    - name:', '    - ignore_errors: true\n      name:') })
    await tsplay(...made)
    writeFiles(folder, { 'out/h1': 'moved\n' })
    const { status } = await tsplay('apply', 'the.plan')
    expect(status).to.equal(2)
    expect(read('h1')).to.equal('moved\n')
    expect(existsSync(out('h1.list'))).to.equal(false)
    expect(read('h2.list')).to.equal('a\nb\n')
  })

  it('end before any host where a file they were made of has changed', async () => {
    writeFiles(folder, { 'group_vars/all.yml': 'unused: 1\n' })
    await tsplay(...made)
    writeFiles(folder, { 'group_vars/all.yml': 'unused: 2\n' })
    appendFileSync(join(folder, 'site.yml'), '# more\n')
    const { status, stderr } = await tsplay('apply', 'the.plan')
    expect(status).to.equal(1)
    expect(stderr).to.contain('group_vars/all.yml is not what it was when the plan was made.')
    expect(stderr).to.contain('site.yml is not what it was when the plan was made.')
    expect(existsSync(out(''))).to.equal(false)
  })

  it('do not keep what -e gave but as a fingerprint, or sealed', async () => {
    const given = ['-e', 'password=hush-hush-hush']
    await tsplay(...made, ...given)
    expect(readFileSync(join(folder, 'the.plan'), 'utf8')).not.to.contain('hush-hush-hush')
    const without = await tsplay('apply', 'the.plan')
    expect(without).to.include({ status: 5 })
    expect(without.stderr).to.contain('The plan was made with 1 -e, which it does not keep because they may be secret.')
    expect((await tsplay('apply', 'the.plan', '-e', 'password=other')).status).to.equal(5)
    expect((await tsplay('apply', 'the.plan', ...given)).status).to.equal(0)
    expect(read('h1.key')).to.equal('hush-hush-hush')

    writeFiles(folder, { 'vault-password': 'open sesame\n' })
    await tsplay(...made, ...given, '--vault-password-file', 'vault-password')
    expect(readFileSync(join(folder, 'the.plan'), 'utf8')).not.to.contain('hush-hush-hush')
    expect((await tsplay('apply', 'the.plan')).status).to.equal(0)
  })

  it('ask for the vault password once', () => {
    const cli = [
      '--conditions=tsplay-source',
      '--import',
      pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
      program,
    ]
    const ask = (...words: string[]) =>
      spawnSync(process.execPath, [...cli, ...words, '--ask-vault-pass'], {
        cwd: folder,
        input: 'open sesame\n',
        encoding: 'utf8',
      })
    for (const { status, stderr } of [ask(...made, '-e', 'speed=30'), ask('apply', 'the.plan')]) {
      expect(status, stderr).to.equal(0)
      expect(stderr.match(/Vault password/gi)).to.have.length(1)
    }
    expect(read('h1')).to.equal('speed=30\n')
  }).timeout(60_000)

  it('are not kept of a dry run that failed', async () => {
    appendFileSync(join(folder, 'site.yml'), '\n- hosts: h2\n  tasks: [{fail: {msg: no}}]\n')
    const { status, stderr } = await tsplay(...made)
    expect(status).to.equal(2)
    expect(stderr).to.contain('No plan was kept')
    expect(existsSync(join(folder, 'the.plan'))).to.equal(false)
  })

  it('say what is no plan', async () => {
    writeFiles(folder, { 'no.plan': '{"format":"tsplay plan 9","tsplay":"9.9"}\n{"event":"recap"}\n', 'cut.plan': '{' })
    expect((await tsplay('show', 'none.plan')).stderr).to.contain('There is no plan none.plan that can be read.')
    expect((await tsplay('show', 'cut.plan')).stderr).to.contain('cut.plan is not a plan, or not a whole one.')
    expect((await tsplay('apply', 'no.plan')).stderr).to.contain(
      'was made by tsplay 9.9, whose plans this one does not read',
    )
  })
})
