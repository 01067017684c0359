import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Problem } from '../../engine/base/problem.ts'
import type { Become, Connection } from '../../engine/wire/connection.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import { connectionContract, drain } from './connection.contract.ts'
import { PASSWORD, users } from './host-users.ts'
import { needSshd, type Sshd, startSshd } from './sshd.ts'

describe('become', function () {
  this.timeout(60_000)
  let sshd: Sshd
  const open: Connection[] = []
  const servers: Sshd[] = []

  before(async () => {
    needSshd()
    if (spawnSync('sudo', ['--version']).error) {
      execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', 'sudo'], {
        stdio: 'ignore',
      })
    }
    sshd = await startSshd('PasswordAuthentication yes', 'ed25519', users())
    servers.push(sshd)
  })
  after(async () => {
    await Promise.all(open.map((one) => one.close()))
    await Promise.all(servers.map((one) => one.stop()))
  })

  async function login(user: string, to = sshd, password?: string): Promise<Connection> {
    const vars: Record<string, unknown> = {
      ansible_host: '127.0.0.1',
      ansible_port: to.port,
      ansible_user: user,
      ansible_ssh_common_args: `-o IdentitiesOnly=yes -o UserKnownHostsFile=${to.folder}/known_hosts`,
      ...(password === undefined
        ? { ansible_ssh_private_key_file: join(to.folder, 'client') }
        : { ansible_password: password }),
    }
    const connection = connect(settingsFrom(user, (name) => vars[name]))
    open.push(connection)
    await connection.open()
    return connection
  }

  const whoami = async (connection: Connection, as?: Become) =>
    (await connection.run([{ script: 'id -un; echo $HOME; umask; test -t 0 || echo no tty' }], { as }))[0]!.stdout
      .toString()
      .split('\n')
      .slice(0, -1)
  const fails = async (work: Promise<unknown>): Promise<Problem> =>
    work.then(
      () => expect.fail('it did not fail'),
      (thrown: Problem) => thrown,
    )
  const root = (more: Partial<Become> = {}): Become => ({ method: 'sudo', user: 'root', ...more })

  it('becomes root without a password, and is itself without becoming', async () => {
    const deploy = await login('deploy')
    expect(await whoami(deploy, root())).to.deep.equal(['root', '/root', '0022', 'no tty'])
    expect((await whoami(deploy))[0]).to.equal('deploy')
  })

  it('gives the password when it is asked for, and nobody sees it', async () => {
    const admin = await login('admin')
    expect((await whoami(admin, root({ password: PASSWORD })))[0]).to.equal('root')
    const [list] = await admin.run([{ script: 'cat /proc/[0-9]*/cmdline | tr "\\0" " "' }], {
      as: root({ password: PASSWORD }),
    })
    expect(list!.stdout.toString()).to.include('sudo')
    expect(list!.stdout.toString()).to.not.include(PASSWORD)
  })

  it('becomes any user, root first or not', async () => {
    const admin = await login('admin')
    expect((await whoami(admin, root({ user: 'plain', password: PASSWORD })))[0]).to.equal('plain')
    const asRoot = await login('root')
    expect((await whoami(asRoot, root({ user: 'deploy' })))[0]).to.equal('deploy')
  })

  it('skips becoming the user it is', async () => {
    expect((await whoami(await login('plain'), root({ user: 'plain' })))[0]).to.equal('plain')
  })

  it('says that a password is needed, that it is wrong, and never shows it', async () => {
    const admin = await login('admin')
    const missing = await fails(whoami(admin, root()))
    expect(missing.code).to.equal('become')
    expect(missing.message).to.equal('sudo on admin asks for a password to become root, and none was given')
    expect(missing.hint).to.include('-K').and.to.include('ansible_become_password')
    const asked = await fails(whoami(admin, root({ flags: '-H -S' })))
    expect(asked.message).to.include('password')
    const wrong = await fails(whoami(admin, root({ password: 'not-the-password' })))
    expect(wrong.message).to.equal('sudo on admin does not accept the password given for becoming root')
    expect(`${wrong.message} ${wrong.hint}`).to.not.include('not-the-password')
    expect((await whoami(admin, root({ password: PASSWORD })))[0], 'the right one works afterwards').to.equal('root')
  })

  it('says that the user may not, that the other does not exist, that there is no sudo', async () => {
    const plain = await login('plain')
    expect((await fails(whoami(plain, root({ password: PASSWORD })))).message).to.include('may not become root')
    const unknown = await fails(whoami(await login('deploy'), root({ user: 'nobody-here' })))
    expect(unknown.message).to.equal('there is no user nobody-here on deploy to become')
    const without = await startSshd(
      '',
      'ed25519',
      `${users()}\nmount --bind /dev/null "$(command -v sudo)"; mkdir "$FOLDER/bin"`,
    )
    servers.push(without)
    const refused = await fails(whoami(await login('deploy', without), root()))
    expect(refused.code).to.equal('become')
  })

  it('works where sudo gives commands a terminal of their own', async () => {
    const strict = await startSshd('', 'ed25519', users('Defaults use_pty'))
    servers.push(strict)
    const admin = await login('admin', strict)
    expect((await whoami(admin, root({ password: PASSWORD })))[0]).to.equal('root')
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    await admin.put(bytes, `${strict.folder}/bytes`, { as: root({ password: PASSWORD }) })
    expect(
      (await drain(await admin.get(`${strict.folder}/bytes`, { as: root({ password: PASSWORD }) }))).equals(bytes),
    ).to.equal(true)
  })

  it('says what to do where sudo insists on a terminal', async () => {
    const strict = await startSshd('', 'ed25519', users('Defaults requiretty'))
    servers.push(strict)
    const stop = await fails(whoami(await login('deploy', strict), root()))
    expect(stop.message).to.include('only on a terminal')
    expect(stop.hint).to.include('requiretty')
  })

  it('puts and gets files of the other user', async () => {
    const admin = await login('admin')
    const as = root({ password: PASSWORD })
    await admin.put(Buffer.from('secret'), `${sshd.folder}/roots`, { as })
    const [owner] = await admin.run([{ script: `stat -c '%U %a' ${sshd.folder}/roots` }], { as })
    expect(owner!.stdout.toString()).to.equal('root 600\n')
    expect((await drain(await admin.get(`${sshd.folder}/roots`, { as }))).toString()).to.equal('secret')
    expect((await fails(admin.get(`${sshd.folder}/roots`))).message).to.match(/cannot be read.*denied/i)
  })

  it('kills what the other user runs', async () => {
    const admin = await login('admin')
    const as = root({ password: PASSWORD })
    const stop = await fails(
      admin.run([{ script: `echo $$ >${sshd.folder}/pid; exec sleep 63` }], { as, timeout: 1500 }),
    )
    expect(stop.code).to.equal('timeout')
    const [reply] = await admin.run([{ script: `pgrep -f '^sleep 63' || echo none` }], { as })
    expect(reply!.stdout.toString()).to.equal('none\n')
  })

  it('becomes root by su, with its password', async () => {
    const plain = await login('plain')
    expect((await whoami(plain, { method: 'su', user: 'root', password: PASSWORD }))[0]).to.equal('root')
    const wrong = await fails(whoami(plain, { method: 'su', user: 'admin', password: 'no' }))
    expect(wrong.message).to.equal('su on plain does not accept the password given for becoming admin')
    const missing = await fails(whoami(plain, { method: 'su', user: 'deploy' }))
    expect(missing.message).to.include('asks for a password')
    const unknown = await fails(whoami(plain, { method: 'su', user: 'nobody-here', password: 'x' }))
    expect(unknown.message).to.include('no user nobody-here')
  })

  it('logs in with a password, and says when it is wrong', async () => {
    expect((await whoami(await login('admin', sshd, PASSWORD)))[0]).to.equal('admin')
    const stop = await fails(login('admin', sshd, 'wrong-word'))
    expect(stop.code).to.equal('host-auth')
    expect(stop.message).to.include('tried: password')
    expect(stop.message).to.not.include('wrong-word')
  })

  describe('contract, as root by sudo with a password', () => {
    connectionContract(async () => {
      const admin = await login('admin')
      const as = root({ password: PASSWORD })
      const connection: Connection = {
        host: 'admin',
        get roundTrips() {
          return admin.roundTrips
        },
        open: () => admin.open(),
        run: (items, options) => admin.run(items, { ...options, as }),
        put: (content, path, options) => admin.put(content, path, { ...options, as }),
        get: (path, options) => admin.get(path, { ...options, as }),
        close: () => admin.close(),
      }
      const [reply] = await connection.run([{ script: `mktemp -d ${sshd.folder}/files.XXXXXX` }])
      return { connection, folder: reply!.stdout.toString().trim() }
    })
  })
})
