import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { tsplay } from '../run/story.ts'

const files = {
  'inventory.yml': 'all: {hosts: {h1: , h2: }, vars: {ansible_connection: local}}\n',
  'site.yml': '- hosts: all\n  gather_facts: false\n  tasks: [{name: look at it, stat: {path: /etc/hosts}}]\n',
}
const run = ['run', 'site.yml', '-i', 'inventory.yml', '--profile']

describe('run --profile', () => {
  it('says where the time went, and keeps a trace', async () => {
    let trace = ''
    const { status, stdout, stderr } = await tsplay(files, run, (folder) => {
      trace = readFileSync(join(folder, 'tsplay-profile.json'), 'utf8')
    })
    expect(stderr).to.equal('')
    expect(status).to.equal(0)
    expect(stdout).to.match(/\nPROFILE: .*controller computed .*, at most \d\S* at a stretch\n/)
    expect(stdout).to.match(/\nlook at it +\d+ms/)
    expect(stdout).to.include('\nA trace is in tsplay-profile.json: open it in')
    const { traceEvents } = JSON.parse(trace) as { traceEvents: { name: string; ph: string }[] }
    const names = traceEvents.filter(({ ph }) => ph === 'X').map(({ name }) => name)
    for (const name of ['connect', 'look', 'fill in', 'look at it'])
      expect(
        names.filter((one) => one === name),
        name,
      ).to.have.length(2)
  })

  it('leaves standard output to programs that read it', async () => {
    const { stdout, stderr } = await tsplay(files, [...run, 'p.json', '--output', 'jsonl'])
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).to.have.property('event').not.equal('span')
    expect(stderr).to.include('A trace is in p.json')
  })

  it('says when it cannot be written', async () => {
    const { status, stderr } = await tsplay(files, [...run, 'no/such/folder.json'])
    expect(status).to.equal(5)
    expect(stderr).to.include('The profile cannot be written to no/such/folder.json')
    expect(stderr).to.include('Give another file: --profile FILE.')
  })

  it('tells nothing of it when nobody asks', async () => {
    const { stdout } = await tsplay(files, run.slice(0, -1))
    expect(stdout).not.to.include('PROFILE')
  })
})
