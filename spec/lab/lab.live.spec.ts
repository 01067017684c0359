// The lab itself, on hosts of its own: it does not touch those of the inventory.
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { attempt } from './command.ts'
import { changes, down, exec, fresh, powerOff, ssh, status, up } from './lab.ts'
import { needsLab } from './live.ts'
import { checkout, here, tsx } from './places.ts'

const one = 'lab-spec-1'
const two = 'lab-spec-2'
const both = [`${one}=192.168.1.201`, `${two}=192.168.1.202`]

const main = (words: string[], place = here) => [process.execPath, '--import', tsx, join(place, 'main.ts'), ...words]
const lab = (words: string[], cwd = checkout) => attempt(main(words), { cwd })
const changed = async () => (await changes(one)).map((change) => `${change.kind} ${change.type} ${change.path}`)
const on = async (name: string, script: string) => (await ssh(name, [script])).stdout.trim()

describe('the lab', function () {
  this.timeout(120_000)
  before(async function () {
    needsLab.call(this)
    await up(both)
  })
  after(() => down(both))

  it('leaves a host that is up as it is', async () => {
    const started = await on(one, 'ps -o lstart= 1')
    await up(both)
    expect(await on(one, 'ps -o lstart= 1')).to.equal(started)
  })

  it('starts hosts whose systemd has nothing to complain about', async () => {
    expect(await on(one, 'systemctl is-system-running')).to.equal('running')
    expect(await on(one, 'systemctl --failed --no-legend')).to.equal('')
    expect(await on(one, 'hostname; hostname -I')).to.equal(`${one}\n192.168.1.201`)
  })

  it('starts hosts that forward nothing, also where the machine does', async () => {
    expect(await on(one, 'sysctl -n net.ipv4.ip_forward net.ipv4.conf.eth0.forwarding')).to.equal('0\n0')
  })

  it('runs a command in the current folder, with its exit status, names and ~/.ssh', async () => {
    const outcome = await lab(
      ['exec', 'sh', '-c', `pwd; getent hosts ${one} | tr -s ' '; ls ~/.ssh; exit 7`],
      '/usr/lib',
    )
    expect(outcome.status).to.equal(7)
    expect(outcome.stdout).to.equal(`/usr/lib\n192.168.1.201 ${one}\nid_ed25519\nid_ed25519.pub\nknown_hosts\n`)
    const npm = { ...process.env, npm_lifecycle_event: 'lab', INIT_CWD: '/usr/bin' }
    expect((await attempt(main(['exec', 'pwd']), { env: npm })).stdout).to.equal('/usr/bin\n')
    expect((await lab(['exec', 'sh', '-c', 'kill -9 $$'])).status).to.equal(137)
    expect((await lab(['exec', 'no-such-program'])).status).to.equal(127)
  })

  it('logs in without a question, by the known hosts alone', async () => {
    const strict = ['ssh', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes']
    expect((await exec([...strict, `root@${one}`, 'id -un'])).stdout).to.equal('root\n')
    expect((await exec([...strict, 'admin@192.168.1.201', 'id -un'])).stdout).to.equal('admin\n')
    expect((await lab(['ssh', one, 'exit 3'])).status).to.equal(3)
  })

  it('has a user whose sudo asks a password and one whose does not', async () => {
    const as = (user: string, script: string) => exec(['ssh', '-o', 'BatchMode=yes', `${user}@${one}`, script])
    expect((await as('deploy', 'sudo -n id -un')).stdout).to.equal('root\n')
    expect((await as('admin', 'sudo -n id -un')).stderr).to.contain('a password is required')
    expect((await as('admin', 'echo lab-sudo | sudo -S id -un')).stdout).to.equal('root\n')
    expect((await as('admin', 'echo wrong | sudo -S id -un')).status).to.equal(1)
    expect(await on(one, 'sshd -T | grep ^passwordauthentication')).to.equal('passwordauthentication yes')
  })

  it('leads nowhere else', async () => {
    expect((await exec(['ip', 'route', 'show', 'default'])).stdout).to.equal('')
    expect((await ssh(one, ['echo >/dev/tcp/192.0.2.1/80'])).status).not.to.equal(0)
    expect(await on(one, `getent hosts ${two} || echo unknown`)).to.equal('unknown')
  })

  it('tells what a host changed, and nothing of logging in', async () => {
    await fresh(one)
    await ssh(one, ['true'])
    await exec(['ssh', `admin@${one}`, 'echo lab-sudo | sudo -S true'])
    expect(await changed()).to.deep.equal([])
    await ssh(one, [
      'echo a >/etc/motd; rm /etc/issue; mkdir -p /opt/a; ln -s a /opt/b; chmod 700 /srv; echo >/tmp/left',
    ])
    const list = ['deleted file /etc/issue', 'changed file /etc/motd', 'added folder /opt/a', 'added link /opt/b']
    expect(await changed()).to.deep.equal([...list, 'changed folder /srv', 'added file /tmp/left'])
    const before = await changes(one)
    expect(await changes(one)).to.deep.equal(before)
    await ssh(one, ['echo b >/etc/motd'])
    expect(await changes(one)).not.to.deep.equal(before)
  })

  it('tells what went with a folder that was made anew', async () => {
    await fresh(one)
    await ssh(one, [
      'cd /etc/update-motd.d && ls; rm -r /etc/update-motd.d /etc/skel; mkdir /etc/skel; echo >/etc/skel/new',
    ])
    const list = await changed()
    expect(list).to.include('deleted file /etc/skel/.bashrc')
    expect(list).to.include('added file /etc/skel/new')
    expect(list).to.include('deleted folder /etc/update-motd.d')
  })

  it('keeps files over a reboot, a switch-off and a power cut', async () => {
    await fresh(one)
    const isBack = async () => {
      for (let tries = 0; tries < 60; tries++) {
        await sleep(500)
        const outcome = await exec(['ssh', '-o', 'ConnectTimeout=2', `root@${one}`, 'cat /kept /run/before'])
        // /run is of one start only
        if (outcome.stdout === 'x\n') return
      }
      throw new Error(`${one} is not back`)
    }
    await ssh(one, ['echo x >/kept; echo y >/run/before; sync; systemctl reboot'])
    await isBack()
    await ssh(one, ['systemctl poweroff'])
    for (let tries = 0; tries < 40 && (await status()).find((row) => row.name === one)?.since; tries++) await sleep(250)
    expect((await status()).find((row) => row.name === one)?.since).to.equal(undefined)
    await up([one])
    await isBack()
    await powerOff(one)
    expect((await exec(['ssh', '-o', 'ConnectTimeout=2', `root@${one}`, 'true'])).status).to.equal(255)
    await up([one])
    await isBack()
    expect(await changed()).to.deep.equal(['added file /kept'])
    await fresh(one)
    expect(await changed()).to.deep.equal([])
  })

  it('serves packages and releases', async () => {
    const script =
      'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq curl hello >/dev/null 2>&1; hello'
    expect(await on(one, script)).to.contain('Hello, world!')
    const url = 'http://192.168.1.1/etcd/v3.4.23/etcd-v3.4.23-linux-amd64.tar.gz'
    const file = url.split('/').at(-1)
    const resumed = `cd /tmp; curl -sO ${url}.sha256; curl -s -r 0-999999 -o ${file} ${url}; curl -s -C - -o ${file} -w '%{http_code} ' ${url}`
    expect(await on(one, `${resumed}; sha256sum -c ${file}.sha256`)).to.equal(`206 ${file}: OK`)
    const server = 'http://192.168.1.1/kubernetes/v1.20.2/kubernetes-server-linux-amd64.tar.gz'
    expect(await on(one, `curl -s ${server} | sha256sum -; curl -s ${server}.sha256`)).to.match(/^(\w{64}) .*\n\1 /)
  })

  it('copes with runs that were killed', async () => {
    for (const wait of [600, 900, 1200, 1600]) {
      await down([two])
      const child = spawn(process.execPath, main(['up', both[1] ?? '']).slice(1), { cwd: checkout, stdio: 'ignore' })
      await sleep(wait)
      child.kill('SIGKILL')
      await up([both[1] ?? ''])
      expect(await on(two, 'systemctl is-system-running')).to.equal('running')
      expect(await changes(two)).to.deep.equal([])
    }
  })

  it('refuses another checkout', async () => {
    const other = await mkdtemp(join(tmpdir(), 'lab-checkout-'))
    try {
      await cp(here, join(other, 'spec/lab'), { recursive: true })
      await cp(join(checkout, 'package.json'), join(other, 'package.json'))
      await symlink(join(checkout, 'node_modules'), join(other, 'node_modules'))
      for (const words of [['up', one], ['exec', 'true'], ['down'], ['fresh', one]]) {
        const outcome = await attempt(main(words, join(other, 'spec/lab')), { cwd: other })
        expect(outcome.status, words[0]).to.equal(1)
        expect(outcome.stderr).to.equal(
          `lab: the lab is in use by another checkout: ${checkout} started it\n` +
            `  Stop it there (cd ${checkout} && npm run lab -- down), or here with \`npm run lab -- down --force\`.\n`,
        )
      }
    } finally {
      await rm(other, { recursive: true })
    }
  })

  it('says what is wrong in one go', async () => {
    expect((await lab(['up', 'nobody'])).stderr).to.match(/^lab: no host "nobody": the lab has k8s-master-1, /)
    expect((await lab(['changes', 'k8s-none'])).status).to.equal(1)
    expect((await lab(['dance'])).status).to.equal(5)
  })
})
