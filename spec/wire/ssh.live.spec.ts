import { execFileSync, spawn } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { Problem } from '../../engine/base/problem.ts'
import type { Connection } from '../../engine/wire/connection.ts'
import { fingerprint } from '../../engine/wire/known-hosts.ts'
import { Pool } from '../../engine/wire/pool.ts'
import { type ConnectDefaults, connect, settingsFrom } from '../../engine/wire/settings.ts'
import { connectionContract } from './connection.contract.ts'
import { freePort, needSshd, type Sshd, startSshd } from './sshd.ts'

const AGENTLESS = '-o IdentityAgent=none -o IdentitiesOnly=yes'

describe('ssh connection', function () {
  this.timeout(60_000)
  const open: { close(): Promise<void> }[] = []
  const servers: Sshd[] = []
  let sshd: Sshd

  before(async () => {
    needSshd()
    sshd = await server('MaxStartups 100')
  })
  after(async () => {
    await Promise.all(open.map((one) => one.close()))
    await Promise.all(servers.map((one) => one.stop()))
  })

  async function server(...words: Parameters<typeof startSshd>): Promise<Sshd> {
    const started = await startSshd(...words)
    servers.push(started)
    return started
  }

  function settings(to: Sshd, vars: Record<string, unknown> = {}, defaults: ConnectDefaults = {}, host = 'h1') {
    const all: Record<string, unknown> = {
      ansible_host: '127.0.0.1',
      ansible_port: to.port,
      ansible_ssh_private_key_file: join(to.folder, 'client'),
      ansible_ssh_common_args: `${AGENTLESS} -o UserKnownHostsFile=${to.folder}/known_hosts`,
      ...vars,
    }
    return settingsFrom(host, (name) => all[name], defaults)
  }

  function to(...words: Parameters<typeof settings>): Connection {
    const connection = connect(settings(...words))
    open.push(connection)
    return connection
  }

  const fails = async (work: Promise<unknown>): Promise<Problem> =>
    work.then(
      () => expect.fail('it did not fail'),
      (thrown: Problem) => thrown,
    )
  const echo = async (connection: Connection) => (await connection.run([{ script: 'echo hi' }]))[0]!.stdout.toString()

  describe('contract', () => {
    connectionContract(async () => {
      const connection = to(sshd)
      await connection.open()
      return { connection, folder: mkdtempSync(join(sshd.folder, 'files-')) }
    })
  })

  describe('host keys', () => {
    it('stops at an unknown host, before anything is sent', async () => {
      const stop = await fails(
        to(sshd, { ansible_ssh_common_args: `${AGENTLESS} -o UserKnownHostsFile=${sshd.folder}/empty` }).open(),
      )
      expect(stop.code).to.equal('host-key')
      expect(stop.message)
        .to.include('is not known')
        .and.to.include(
          execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host.pub')])
            .toString()
            .split(' ')[1],
        )
    })

    it('remembers a new host when told to, and knows it then', async () => {
      const file = join(sshd.folder, 'learned')
      const vars = { ansible_ssh_common_args: `${AGENTLESS} -o UserKnownHostsFile=${file}` }
      await to(sshd, vars, { hostKeyChecking: 'accept-new' }).open()
      expect(readFileSync(file, 'utf8')).to.match(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/)
      expect(await echo(await opened(to(sshd, vars)))).to.equal('hi\n')
    })

    it('stops at a changed key and shows both', async () => {
      const other = await server()
      const file = join(other.folder, 'old')
      const old = readFileSync(join(other.folder, 'client.pub'), 'utf8').split(' ')
      writeFileSync(file, `[127.0.0.1]:${other.port} ${old[0]} ${old[1]}\n`)
      const stop = await fails(to(other, { ansible_ssh_common_args: `-o UserKnownHostsFile=${file}` }).open())
      expect(stop.code).to.equal('host-key')
      expect(stop.message)
        .to.include(`${file}:1`)
        .and.to.include(fingerprint(Buffer.from(old[1]!, 'base64')))
      expect(stop.hint).to.include(`-R '[127.0.0.1]:${other.port}'`)
    })

    it('asks a host with several keys for the one that is known', async () => {
      const both = await server('', 'rsa')
      const more = await startSshd(`HostKey ${both.folder}/host`)
      servers.push(more)
      const rsa = readFileSync(join(both.folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
      writeFileSync(join(more.folder, 'known_hosts'), `[127.0.0.1]:${more.port} ${rsa}\n`)
      expect(await echo(await opened(to(more)))).to.equal('hi\n')
    })
  })

  it('logs in without asking first whether a key will do, and has no host prove keys that nobody learns', async () => {
    const talkative = await server('LogLevel DEBUG3')
    expect(await echo(await opened(to(talkative)))).to.equal('hi\n')
    expect(talkative.log()).to.contain('Accepted publickey')
    expect(talkative.log()).not.to.contain('Postponed publickey')
    expect(talkative.log()).to.match(/notify_hostkeys: sent \d+ hostkeys/)
    expect(talkative.log()).not.to.contain('hostkeys-prove')
  })

  describe('logging in', () => {
    it('says what was tried and what the host allows', async () => {
      const key = join(sshd.folder, 'stranger')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
      const stop = await fails(to(sshd, { ansible_ssh_private_key_file: key, ansible_user: 'root' }).open())
      expect(stop.code).to.equal('host-auth')
      expect(stop.message)
        .to.include('h1 did not let root log in')
        .and.to.include(`key ${key}`)
        .and.to.include('allows publickey')
    })

    it('says that a named key does not exist', async () => {
      const stop = await fails(to(sshd, { ansible_ssh_private_key_file: '/no/such/key' }).open())
      expect(stop.message).to.include('/no/such/key (there is no such file)')
    })

    it('asks for the passphrase of a key once', async () => {
      const key = join(sshd.folder, 'locked')
      copyFileSync(join(sshd.folder, 'client'), key)
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', key])
      let asked = 0
      const passphrase = async (file: string) => {
        asked += 1
        expect(file).to.equal(key)
        return 'open sesame'
      }
      const vars = { ansible_ssh_private_key_file: key }
      await Promise.all([to(sshd, vars, { passphrase }).open(), to(sshd, vars, { passphrase }).open()])
      expect(asked).to.equal(1)
    })

    it('says that a passphrase is missing or wrong, and does not show it', async () => {
      const key = join(sshd.folder, 'locked2')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'right word', '-f', key])
      const missing = await fails(to(sshd, { ansible_ssh_private_key_file: key }).open())
      expect(missing.message).to.include('encrypted and no passphrase')
      const wrong = await fails(
        to(sshd, { ansible_ssh_private_key_file: key }, { passphrase: async () => 'wrong word' }).open(),
      )
      expect(wrong.message).to.include('passphrase does not open it')
      expect(wrong.message).to.not.include('wrong word')
    })

    it('uses keys in PKCS#8 form', async () => {
      for (const type of ['rsa', 'ecdsa', 'ed25519']) {
        const host = await server()
        for (const end of ['', '.pub']) rmSync(join(host.folder, `client${end}`))
        if (type === 'ed25519') {
          execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(host.folder, 'client')])
          const raw = createPrivateKey(readFileSync(join(host.folder, 'client'))).export({ format: 'jwk' })
          const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
          const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(raw.x!, 'base64url'))])
          writeFileSync(join(host.folder, 'client.pub'), `ssh-ed25519 ${blob.toString('base64')}\n`)
        } else
          execFileSync('ssh-keygen', ['-q', '-t', type, '-m', 'PKCS8', '-N', '', '-f', join(host.folder, 'client')])
        expect(readFileSync(join(host.folder, 'client'), 'utf8')).to.include('BEGIN PRIVATE KEY')
        expect(await echo(await opened(to(host)))).to.equal('hi\n')
      }
    })

    it('uses the agent', async () => {
      const socket = join(sshd.folder, 'agent')
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
      try {
        for (let i = 0; i < 50; i += 1) {
          const code = await new Promise((resolve) =>
            spawn('ssh-add', ['-q', join(sshd.folder, 'client')], {
              env: { ...process.env, SSH_AUTH_SOCK: socket },
              stdio: 'ignore',
            }).once('close', resolve),
          )
          if (code === 0) break
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        const common = `-o IdentityAgent=${socket} -o UserKnownHostsFile=${sshd.folder}/known_hosts`
        expect(
          await echo(
            await opened(to(sshd, { ansible_ssh_private_key_file: undefined, ansible_ssh_common_args: common })),
          ),
        ).to.equal('hi\n')
      } finally {
        agent.kill()
      }
    })
  })

  describe('ways to a host', () => {
    it('goes by way of jump hosts, two of them, and shares them', async () => {
      const second = await server()
      const files = `${sshd.folder}/all`
      writeFileSync(files, [sshd, second].map((one) => readFileSync(join(one.folder, 'known_hosts'), 'utf8')).join(''))
      writeFileSync(join(sshd.folder, 'client.pub'), readFileSync(join(second.folder, 'client.pub')), { flag: 'a' })
      const vars = {
        ansible_ssh_private_key_file: join(second.folder, 'client'),
        ansible_ssh_common_args: `${AGENTLESS} -J root@127.0.0.1:${sshd.port},root@127.0.0.1:${second.port} -o UserKnownHostsFile=${files}`,
      }
      const count = () => second.log().split('Accepted publickey').length - 1
      const before = count()
      const pool = new Pool()
      open.push(pool)
      const hosts = await Promise.all(['a', 'b', 'c'].map((host) => pool.get(settings(sshd, vars, {}, host))))
      expect(await Promise.all(hosts.map(echo))).to.deep.equal(['hi\n', 'hi\n', 'hi\n'])
      expect(count() - before).to.equal(1)
    })

    it('checks the key of a jump host too', async () => {
      const vars = {
        ansible_ssh_common_args: `${AGENTLESS} -J root@127.0.0.1:${sshd.port} -o UserKnownHostsFile=/dev/null`,
      }
      const stop = await fails(to(sshd, vars).open())
      expect(stop.code).to.equal('host-key')
      expect(stop.message).to.include('h1 is reached by way of another host')
    })

    it('says that a jump host cannot reach the host', async () => {
      const port = await freePort()
      const vars = {
        ansible_port: port,
        ansible_ssh_common_args: `${AGENTLESS} -J root@127.0.0.1:${sshd.port} -o UserKnownHostsFile=${sshd.folder}/known_hosts`,
      }
      const stop = await fails(to(sshd, vars).open())
      expect(stop.code).to.equal('host-unreachable')
      expect(stop.message)
        .to.include('by way of 127.0.0.1')
        .and.to.match(/refused/i)
    })

    it('goes through a proxy command', async () => {
      const files = `${sshd.folder}/known_hosts`
      const inner = `ssh -o UserKnownHostsFile=${files} -i ${sshd.folder}/client -p ${sshd.port} -W %h:%p root@127.0.0.1`
      const vars = { ansible_ssh_common_args: `${AGENTLESS} -o UserKnownHostsFile=${files} -o ProxyCommand="${inner}"` }
      expect(await echo(await opened(to(sshd, vars)))).to.equal('hi\n')
    })
  })

  describe('trouble', () => {
    it('says that nothing listens', async () => {
      const stop = await fails(to(sshd, { ansible_port: await freePort() }).open())
      expect(stop.code).to.equal('host-unreachable')
      expect(stop.message).to.include('refuses connections')
    })

    it('says that a name has no address', async () => {
      const stop = await fails(to(sshd, { ansible_host: 'no-such-host.invalid' }).open())
      expect(stop.message).to.include('no address is known')
    })

    it('gives up on a host that accepts and says nothing', async () => {
      const silent = await listen(() => {})
      const stop = await fails(to(sshd, { ansible_port: silent.port }, { timeout: 500 }).open())
      silent.server.close()
      expect(stop.message).to.include('did not answer within 0.5 s')
    })

    it('leaves nothing open to a host that is wanted no more', async () => {
      let left = 0
      const silent = await listen((socket) => {
        left += 1
        socket.on('close', () => {
          left -= 1
        })
        socket.on('error', () => {})
        socket.resume()
      })
      const connection = to(sshd, { ansible_port: silent.port })
      const opening = fails(connection.open())
      await connection.close()
      expect((await opening).code).to.equal('interrupted')
      await pause(300)
      silent.server.close()
      expect(left).to.equal(0)
    })

    it('tries again when the host hangs up, and says so in the end', async () => {
      let calls = 0
      const rude = await listen((socket) => {
        calls += 1
        socket.destroy()
      })
      const stop = await fails(to(sshd, { ansible_port: rude.port }).open())
      rude.server.close()
      expect(calls).to.equal(6)
      expect(stop.message).to.include('hung up')
    })

    it('gets into a busy sshd with many connections at once', async () => {
      const busy = await server('MaxStartups 3:70:6')
      const pool = new Pool()
      open.push(pool)
      const hosts = await Promise.all(Array.from({ length: 24 }, (_, i) => pool.get(settings(busy, {}, {}, `h${i}`))))
      expect(await Promise.all(hosts.map(echo))).to.have.length(24)
    })

    // Its defaults: MaxStartups 10:30:100, MaxSessions 10.
    const refusals = /MaxStartups|drop connection|no more sessions/

    it('is never refused by an sshd with default settings, however many connect at once', async () => {
      const usual = await server()
      const pool = new Pool()
      open.push(pool)
      const hosts = await Promise.all(Array.from({ length: 60 }, (_, i) => pool.get(settings(usual, {}, {}, `h${i}`))))
      expect(await echo(hosts.at(-1)!)).to.equal('hi\n')
      expect(usual.log()).not.to.match(refusals)
    })

    it('is never refused a session, however much is sent and run at once', async () => {
      const usual = await server('LogLevel DEBUG1')
      const connection = await opened(to(usual))
      const files = Array.from({ length: 20 }, (_, i) => join(usual.folder, `sent-${i}`))
      const [said] = await Promise.all([
        echo(connection),
        ...files.map((file) => connection.put(Buffer.from('x'), file)),
      ])
      expect(said).to.equal('hi\n')
      expect(files.filter((file) => existsSync(file))).to.have.length(20)
      expect(usual.log()).not.to.match(refusals)
    })

    it('is never refused with 200 hosts behind one jump host, both with default settings', async () => {
      const [jump, usual] = [await server(), await server()]
      const files = join(usual.folder, 'all')
      writeFileSync(files, [jump, usual].map((one) => readFileSync(join(one.folder, 'known_hosts'), 'utf8')).join(''))
      writeFileSync(join(jump.folder, 'client.pub'), readFileSync(join(usual.folder, 'client.pub')))
      const vars = {
        ansible_ssh_common_args: `${AGENTLESS} -J root@127.0.0.1:${jump.port} -o UserKnownHostsFile=${files}`,
      }
      const pool = new Pool()
      open.push(pool)
      const hosts = await Promise.all(
        Array.from({ length: 200 }, (_, i) => pool.get(settings(usual, vars, {}, `h${i}`))),
      )
      expect(await echo(hosts.at(-1)!)).to.equal('hi\n')
      for (const one of [jump, usual]) expect(one.log()).not.to.match(refusals)
    })

    it('says goodbye without waiting for an answer, and its shell ends', async () => {
      const relay = await relayTo(sshd.port)
      const common = `${AGENTLESS} -o UserKnownHostsFile=${sshd.folder}/relayed`
      const known = readFileSync(join(sshd.folder, 'known_hosts'), 'utf8').replace(/:\d+/, `:${relay.port}`)
      writeFileSync(join(sshd.folder, 'relayed'), known)
      const far = await opened(to(sshd, { ansible_port: relay.port, ansible_ssh_common_args: common }))
      await echo(far)
      relay.freeze()
      const begun = performance.now()
      await far.close()
      // Whoever waits does so for one second, for the shell and for the connection.
      expect(performance.now() - begun).to.be.lessThan(900)
      relay.stop()

      const near = await opened(to(sshd))
      const [reply] = await near.run([{ script: 'echo $$' }])
      await near.close()
      const shell = `/proc/${reply!.stdout.toString().trim()}`
      for (let tries = 0; existsSync(shell) && tries < 100; tries += 1) await pause(50)
      expect(existsSync(shell)).to.equal(false)
    })

    it('says that what was running may or may not be done when the connection is lost', async () => {
      const relay = await relayTo(sshd.port)
      writeFileSync(
        join(sshd.folder, 'relayed'),
        readFileSync(join(sshd.folder, 'known_hosts'), 'utf8').replace(/:\d+/, `:${relay.port}`),
      )
      const vars = {
        ansible_port: relay.port,
        ansible_ssh_common_args: `${AGENTLESS} -o UserKnownHostsFile=${sshd.folder}/relayed`,
      }
      const connection = await opened(to(sshd, vars))
      expect(await echo(connection)).to.equal('hi\n')
      setTimeout(() => relay.cut(), 400)
      const stop = await fails(connection.run([{ script: 'echo a' }, { script: 'sleep 5' }]))
      expect(stop.code).to.equal('host-unreachable')
      expect(stop.message)
        .to.include('the connection to h1 was lost')
        .and.to.include('after 1 command had ended; what was running may or may not')
      const second = await fails(connection.run([{ script: 'true' }]))
      expect(second.message).to.include('was lost')

      const sending = await opened(to(sshd, vars))
      const [there = ''] = (await sending.run([{ script: 'mktemp -d' }])).map((reply) => String(reply.stdout).trim())
      const source = new Readable({ read() {} })
      source.push(Buffer.alloc(100_000))
      setTimeout(() => relay.cut(), 400)
      const sent = await fails(sending.put(source, `${there}/part/file`, { apart: { size: 200_000 } }))
      source.destroy()
      expect(sent.message).to.include('lost')
      for (let tries = 0; existsSync(`${there}/part`) && tries < 50; tries++) await pause(100)
      expect(readdirSync(there), 'what was cut off on its way is gone').to.deep.equal([])
      rmSync(there, { recursive: true })

      const idle = await opened(to(sshd, vars))
      expect(await echo(idle)).to.equal('hi\n')
      relay.cut()
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(await echo(idle), 'an idle connection is made anew').to.equal('hi\n')
      relay.stop()
    })

    it('notices a host that falls silent', async () => {
      const relay = await relayTo(sshd.port)
      writeFileSync(
        join(sshd.folder, 'silent'),
        readFileSync(join(sshd.folder, 'known_hosts'), 'utf8').replace(/:\d+/, `:${relay.port}`),
      )
      const common = `${AGENTLESS} -o UserKnownHostsFile=${sshd.folder}/silent -o ServerAliveInterval=1 -o ServerAliveCountMax=2`
      const connection = await opened(to(sshd, { ansible_port: relay.port, ansible_ssh_common_args: common }))
      await echo(connection)
      relay.freeze()
      const stop = await fails(connection.run([{ script: 'sleep 20' }]))
      relay.stop()
      expect(stop.message).to.include('the host no longer answers')
    })
  })

  describe('pool', () => {
    it('opens once, remembers a failure, and forgets it on reset', async () => {
      const port = await freePort()
      const pool = new Pool()
      open.push(pool)
      const dead = settings(sshd, { ansible_port: port })
      const [first, second] = await Promise.all([fails(pool.get(dead)), fails(pool.get(dead))])
      expect(first).to.equal(second)
      expect(await fails(pool.get(dead))).to.equal(first)
      await pool.reset('h1')
      expect(await fails(pool.get(dead))).to.not.equal(first)

      const [a, b] = await Promise.all([pool.get(settings(sshd, {}, {}, 'h2')), pool.get(settings(sshd, {}, {}, 'h2'))])
      expect(a).to.equal(b)
      await echo(a!)
      await pool.reset('h2')
      const again = await pool.get(settings(sshd, {}, {}, 'h2'))
      expect(again).to.not.equal(a)
      await echo(again)
      expect(pool.roundTrips('h2')).to.equal(2)
    })
  })

  async function opened(connection: Connection): Promise<Connection> {
    await connection.open()
    return connection
  }
})

function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as { port: number }).port }))
  })
}

/** A network that can fail. */
async function relayTo(port: number) {
  const { connect: dial } = await import('node:net')
  const sockets = new Set<Socket>()
  const relay = await listen((near) => {
    const far = dial(port, '127.0.0.1')
    for (const one of [near, far]) {
      sockets.add(one)
      one
        .on('error', () => {})
        .on('close', () => {
          near.destroy()
          far.destroy()
        })
    }
    near.pipe(far).pipe(near)
  })
  return {
    port: relay.port,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy()
      sockets.clear()
    },
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    stop: () => {
      for (const socket of sockets) socket.destroy()
      relay.server.close()
    },
  }
}
