import { expect } from 'chai'
import type { Event as RunEvent } from '../../engine/base/event.ts'
import { down, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { Stage, statuses } from '../stories/stage.ts'

const host = 'facts-1'
const address = '192.168.1.183'

describe('facts of services and packages, on a live host', function () {
  this.timeout(600_000)
  let stage: Stage

  before(async function () {
    needsLab.call(this)
    await up([`${host}=${address}`])
    stage = new Stage({
      'inventory.yml': `all: {hosts: {${host}: {ansible_host: ${address}}}}\n`,
      'facts.yml':
        '- hosts: all\n  tasks:\n    - service_facts:\n      register: s\n    - package_facts:\n      register: p\n',
      'change.yml': '- hosts: all\n  tasks:\n    - systemd: {name: ssh, state: restarted}\n    - service_facts:\n',
    })
  })
  after(async () => {
    stage?.end()
    if (stage) await down([host])
  })

  const factsOf = (events: readonly RunEvent[], action: string) => {
    const found = events.find((event) => event.event === 'result' && event.action === action)
    if (found?.event !== 'result') throw new Error(`no result of ${action}`)
    return found.result['ansible_facts'] as Record<string, Record<string, never>>
  }

  it('are what systemctl and dpkg say', async () => {
    const { events, status, all } = await stage.events(['run', 'facts.yml', '-i', 'inventory.yml', '-u', 'root'])
    expect(status, all).to.equal(0)
    const services = factsOf(events, 'service_facts')['services']!
    const running = (
      await ssh(host, ["systemctl list-units --type service --state running --plain --no-legend | cut -d' ' -f1"])
    ).stdout
    expect(
      Object.entries(services)
        .filter(([, one]) => one['state'] === 'running')
        .map(([name]) => name)
        .sort(),
    ).to.deep.equal(running.trim().split('\n').sort())
    const enabled = (
      await ssh(host, ["systemctl list-unit-files --type service --state enabled --no-legend | cut -d' ' -f1"])
    ).stdout
    for (const name of enabled.trim().split('\n')) expect(services[name], name).to.include({ name, source: 'systemd' })
    const packages = factsOf(events, 'package_facts')['packages']!
    const installed = (
      await ssh(host, ["dpkg-query -W -f '${db:Status-Abbrev} ${Package}=${Version}\\n' | sed -n 's/^ii *//p'"])
    ).stdout
    expect(
      Object.values(packages as unknown as Record<string, { name: string; version: string }[]>)
        .flat()
        .map(({ name, version }) => `${name}=${version}`)
        .sort(),
    ).to.deep.equal(installed.trim().split('\n').sort())
  })

  it('are not guessed once a dry run would have changed a service', async () => {
    const words = ['run', 'change.yml', '-i', 'inventory.yml', '-u', 'root', '--check']
    const { events, all } = await stage.events(words)
    expect(statuses(events), all).to.deep.equal([`systemd: ${host} changed`, `service_facts: ${host} may_change`])
    const last = events.findLast((event) => event.event === 'result')
    expect(JSON.stringify(last)).to.contain('the services once ssh.service was told to restart')
  })
})
