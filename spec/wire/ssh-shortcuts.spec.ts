import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import ssh2, { type ServerChannel } from 'ssh2'
import type { Problem } from '../../engine/base/problem.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'

const pem = { type: 'pkcs1', format: 'pem' } as const
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: pem,
  publicKeyEncoding: pem,
})

/** What an sshd would do, but for when and whether it agrees to run a command. */
describe('a command asked for', () => {
  let folder: string
  let server: ssh2.Server
  /** `heard` is how much was sent since a session was asked for. */
  let agree: (heard: () => number, accept: () => ServerChannel, reject: () => void) => void

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-shortcuts-'))
    writeFileSync(join(folder, 'key'), privateKey, { mode: 0o600 })
    server = new ssh2.Server({ hostKeys: [privateKey] }, (visitor) => {
      visitor.on('authentication', (login) => login.accept())
      visitor.on('error', () => {})
      visitor.on('session', (accept) => {
        const { _sock: socket } = visitor as unknown as { _sock: Socket }
        const before = socket.bytesRead
        accept().on('exec', (acceptExec, rejectExec) => agree(() => socket.bytesRead - before, acceptExec, rejectExec))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  const open = async () => {
    const vars: Record<string, unknown> = {
      ansible_host: '127.0.0.1',
      ansible_port: (server.address() as AddressInfo).port,
      ansible_user: 'root',
      ansible_ssh_private_key_file: join(folder, 'key'),
      ansible_ssh_common_args: `-o IdentityAgent=none -o IdentitiesOnly=yes -o UserKnownHostsFile=${folder}/known`,
    }
    const connection = connect(settingsFrom('h1', (name) => vars[name], { hostKeyChecking: 'accept-new' }))
    await connection.open()
    return connection
  }

  function run(accept: () => ServerChannel): void {
    const channel = accept()
    const shell = spawn('sh')
    channel.pipe(shell.stdin)
    shell.stdout.pipe(channel, { end: false })
    shell.stderr.pipe(channel.stderr, { end: false })
    shell.once('close', (status) => {
      channel.exit(status ?? 1)
      channel.end()
    })
  }

  it('is told its work before the host has agreed', async () => {
    agree = (heard, accept, reject) => {
      const started = Date.now()
      const look = () => {
        // What asks for the command has some hundred bytes.
        if (heard() > 500) run(accept)
        else if (Date.now() - started > 1500) reject()
        else setTimeout(look, 10)
      }
      look()
    }
    const connection = await open()
    try {
      const replies = await connection.run([{ script: 'echo one' }, { script: 'echo two; exit 3' }])
      expect(replies.map(({ status, stdout }) => [status, `${stdout}`])).to.deep.equal([
        [0, 'one\n'],
        [3, 'two\n'],
      ])
    } finally {
      await connection.close()
    }
  })

  it('is a trouble with the host when that does not agree', async () => {
    agree = (_heard, _accept, reject) => setTimeout(reject, 50)
    const connection = await open()
    try {
      const thrown = await connection.run([{ script: 'echo one' }]).then(
        () => expect.fail('it did not fail'),
        (problem: Problem) => problem,
      )
      expect(thrown.code).to.equal('host-unreachable')
      expect(thrown.message).to.match(/no shell could be started on h1: the host does not run commands/)
    } finally {
      await connection.close()
    }
  })
})
