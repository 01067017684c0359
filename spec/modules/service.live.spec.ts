import { expect } from 'chai'
import { HostMemory } from '../../engine/state/host-memory.ts'
import type { Connection } from '../../engine/wire/connection.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import service from '../../modules/service.ts'
import { LightHost } from '../lab/light-host.ts'
import { lightLayers } from '../lab/light-layer.ts'
import { needsLab } from '../lab/live.ts'
import { runOn } from './harness.ts'

/** As Debian's own scripts are. */
const SCRIPT = `#!/bin/sh
### BEGIN INIT INFO
# Provides: sleeper
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
. /lib/lsb/init-functions
P=/run/sleeper.pid D=/bin/sleep
case $1 in
  start) [ "$2" != fail ] || { echo "no config"; exit 4; }; start-stop-daemon --start --background --make-pidfile --pidfile $P --exec $D -- 98764 ;;
  stop) start-stop-daemon --stop --pidfile $P --retry 5 && rm -f $P ;;
  status) status_of_proc -p $P $D sleeper ;;
esac
`

describe('service on a host whose services are init scripts', function () {
  this.timeout(60_000)
  let host: LightHost
  let connection: Connection
  const run = (params: object, checking = false) =>
    runOn(service, { name: 'sleeper', use: 'sysvinit', sleep: 0, ...params }, { connection, checking })
  const said = async (script: string) => (await connection.run([{ script }]))[0]?.stdout.toString().trim()

  before(async function () {
    needsLab.call(this)
    const layers = await lightLayers(() => {})
    const place = { name: 'service-1', address: '127.77.251.1', port: 2279 }
    host = await LightHost.start(place, layers)
    const variables: Record<string, unknown> = {
      ansible_user: 'root',
      ansible_host: place.address,
      ansible_port: place.port,
      ansible_ssh_private_key_file: layers.key,
      ansible_host_key_checking: false,
    }
    connection = connect(settingsFrom(place.name, (name) => variables[name]))
    await connection.open()
    await said(`cat >/etc/init.d/sleeper <<'END'\n${SCRIPT}END\nchmod 755 /etc/init.d/sleeper`)
  })
  after(async () => {
    await connection?.close()
    await host?.stop()
  })

  const states: [title: string, params: object, look: string, found: string][] = [
    ['starts', { state: 'started' }, 'pgrep -fc "sleep 98764"', '1'],
    ['enables', { enabled: true }, 'ls /etc/rc2.d | grep sleeper', 'S01sleeper'],
    ['disables', { enabled: false }, 'ls /etc/rc2.d | grep sleeper', 'K01sleeper'],
    ['enables what was disabled', { enabled: true, state: 'started' }, 'ls /etc/rc2.d | grep sleeper', 'S01sleeper'],
    ['stops', { state: 'stopped', pattern: 'sleep 98764' }, 'pgrep -fc "sleep 98764"', '0'],
  ]
  for (const [title, params, look, found] of states)
    it(`${title}: dry run, run and second run agree`, async () => {
      const planned = await run(params, true)
      const done = await run(params)
      const again = await run(params)
      expect([planned.result.changed, done.result.changed, again.result.changed]).to.deep.equal([true, true, false])
      expect(planned.result.diff).to.deep.equal(done.result.diff)
      expect(await said(look)).to.equal(found)
    })

  it('restarts, also what does not run', async () => {
    await run({ state: 'restarted' })
    const first = await said('pgrep -f "sleep 98764"')
    await run({ state: 'restarted' })
    const second = await said('pgrep -f "sleep 98764"')
    expect(first).to.match(/^\d+$/)
    expect(second).to.match(/^\d+$/)
    expect(second).to.not.equal(first)
  })

  it("tells a script's own words when it fails", async () => {
    await run({ state: 'stopped' })
    const failed = await run({ state: 'started', arguments: 'fail' }).catch((thrown: Error) => thrown)
    expect(failed).to.be.an('error').with.property('message').that.equals('Could not start sleeper: no config')
  })

  it('goes on in a dry run as if it had been enabled and started', async () => {
    const memory = new HostMemory()
    const checked = { name: 'sleeper', use: 'sysvinit', state: 'started' }
    const harness = { connection, checking: true, memory }
    expect((await runOn(service, checked, harness)).result.changed).to.equal(true)
    expect((await runOn(service, checked, harness)).result.changed).to.equal(false)
  })

  it('says which init script is missing, and that nothing answers as systemd', async () => {
    expect((await run({ name: 'nothing', state: 'started' })).result.msg).to.equal('This host has no service nothing.')
    const failed = await runOn(service, { name: 'sleeper', state: 'started' }, { connection }).catch((thrown) => thrown)
    expect(String(failed.message)).to.match(/^systemd does not answer on this host/)
  })
})
