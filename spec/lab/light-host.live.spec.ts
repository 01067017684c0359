import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { attempt } from './command.ts'
import { LightHost } from './light-host.ts'
import { type LightLayers, lightLayers } from './light-layer.ts'
import { needsLab } from './live.ts'

describe('light hosts', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-light-'))
  const place = { name: 'light-1', address: '127.77.250.1', port: 2278 }
  let layers: LightLayers
  let host: LightHost

  before(async function () {
    needsLab.call(this)
    layers = await lightLayers(() => {})
    writeFileSync(join(folder, 'known_hosts'), `[127.77.*]:${place.port} ${layers.hostKey}\n`)
  })
  beforeEach(async () => {
    host = await LightHost.start(place, layers)
  })
  afterEach(() => host.stop())
  after(() => rmSync(folder, { recursive: true, force: true }))

  const ssh = (user: string, ...words: string[]) => {
    const options = ['IdentitiesOnly=yes', `UserKnownHostsFile=${folder}/known_hosts`, 'StrictHostKeyChecking=yes']
    const login = ['-F', 'none', '-i', layers.key, '-p', String(place.port), `${user}@${place.address}`]
    return attempt(['ssh', ...options.flatMap((option) => ['-o', option]), ...login, ...words])
  }

  it('let root and deploy log in by key, and deploy become root', async () => {
    expect((await ssh('root', 'hostname; id -un')).stdout).to.equal('light-1\nroot\n')
    expect((await ssh('deploy', 'id -un; sudo -n id -un')).stdout).to.equal('deploy\nroot\n')
  })

  it('have files and processes of their own, and are blank when made anew', async () => {
    expect(host.visited).to.equal(false)
    await ssh('root', 'echo mine >/srv/a; touch /etc/changed')
    expect(readFileSync(join(host.root, 'srv/a'), 'utf8')).to.equal('mine\n')
    expect(existsSync('/etc/changed')).to.equal(false)
    expect(Number((await ssh('root', 'ps -e --no-headers | wc -l')).stdout)).to.be.lessThan(12)
    expect(host.visited).to.equal(true)
    await host.stop()
    host = await LightHost.start(place, layers)
    expect((await ssh('root', 'ls /srv /etc/changed')).stdout).to.equal('/srv:\n')
    expect(host.visited).to.equal(true)
  })

  it('say why they do not start', async () => {
    const second = await LightHost.start(place, layers).then(
      () => 'it started',
      (thrown: Error) => thrown.message,
    )
    expect(second).to.match(/light-1 does not start on 127\.77\.250\.1:2278.*in use/s)
  })

  it('take with them all that runs on them', async () => {
    await ssh('root', 'setsid sleep 98761 >/dev/null 2>&1 </dev/null & sleep 0.1')
    const running = async () => (await attempt(['pgrep', '-f', 'sleep 98761$'])).stdout
    expect(await running()).not.to.equal('')
    await host.stop()
    expect(await running()).to.equal('')
  })
})
