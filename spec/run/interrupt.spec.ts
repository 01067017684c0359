import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { fourHosts, writeFiles } from './story.ts'

const program = new URL('../../engine/cli/main.ts', import.meta.url).pathname
const tsx = import.meta.resolve('tsx')

/** Runs a playbook in a process of its own and signals it each time it has said so much. */
async function interrupted(book: string, signals: readonly { after: RegExp; wait?: number }[]) {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-story-'))
  writeFiles(folder, { 'site.yml': book, 'inventory.yml': fourHosts })
  const words = ['--conditions=tsplay-source', '--import', tsx, program]
  const child = spawn(process.execPath, [...words, 'run', 'site.yml', '-i', 'inventory.yml'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  const waiting = [...signals]
  let last = 0
  const hear = (part: Buffer) => {
    said += part.toString()
    if (!waiting[0]?.after.test(said)) return
    const { wait } = waiting.shift()!
    setTimeout(() => {
      last = performance.now()
      child.kill('SIGINT')
    }, wait ?? 300)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const status = await new Promise<number | null>((done) => child.on('close', done))
  rmSync(folder, { recursive: true, force: true })
  return { status, said, took: performance.now() - last }
}

describe('Ctrl-C', function () {
  // Each case starts the program anew, on machines that have much else to do.
  this.timeout(60_000)

  it('lets the running step end, begins nothing new, says where it stopped, and gives 99', async () => {
    const { status, said } = await interrupted(
      '- hosts: h1\n  tasks:\n    - {name: nap, shell: sleep 2}\n    - {name: next, debug: {msg: x}}\n',
      [{ after: /TASK \[nap\]/ }],
    )
    expect(status).to.equal(99)
    expect(said).to.contain('h1: nap')
    expect(said).to.not.contain('TASK [next]')
    expect(said).to.contain('PLAY RECAP')
  })

  it('twice abandons what runs, quickly', async () => {
    const { status, said, took } = await interrupted('- hosts: h1\n  tasks: [{name: nap, shell: sleep 30}]\n', [
      { after: /TASK \[nap\]/ },
      { after: /Ctrl-C again/i },
    ])
    expect(status).to.equal(99)
    expect(took).to.be.below(3000)
    expect(said).to.contain('h1: nap')
  })

  it('ends a pause and the waiting between attempts at once', async () => {
    const pause = await interrupted('- hosts: h1\n  tasks: [{name: wait, pause: {seconds: 30}}]\n', [
      { after: /TASK \[wait\]/ },
    ])
    expect(pause.status).to.equal(99)
    expect(pause.took).to.be.below(3000)
    const again = await interrupted(
      '- hosts: h1\n  tasks: [{name: again, command: "false", register: r, until: r.rc == 0, retries: 9, delay: 30}]\n',
      [{ after: /TASK \[again\]/, wait: 700 }],
    )
    expect(again.status).to.equal(99)
    expect(again.took).to.be.below(3000)
  })
})
