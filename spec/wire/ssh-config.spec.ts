import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { routeTo } from '../../engine/wire/route.ts'
import { settingsFrom } from '../../engine/wire/settings.ts'

describe('the OpenSSH configuration', () => {
  const home = mkdtempSync('/tmp/tsplay-home-')
  const before = { HOME: process.env.HOME, PATH: process.env.PATH }

  after(() => {
    Object.assign(process.env, before)
    rmSync(home, { recursive: true })
  })

  const text = `Host web*
  HostName 10.1.1.1
  Port 2022
  User deploy
  IdentityFile ${home}/key
  StrictHostKeyChecking accept-new
  UserKnownHostsFile ${home}/known
  ConnectTimeout 4
  ProxyJump gate
Host gate
  HostName 10.2.2.2
  User jumper
`

  const route = (vars: Record<string, unknown> = {}) => routeTo(settingsFrom('web1', (name) => vars[name]))

  // `ssh -G` reads the home of the password file, not HOME: there the file is given by a wrapper.
  for (const openssh of [true, false]) {
    it(openssh ? 'is asked of ssh -G where OpenSSH is installed' : 'is read where OpenSSH is not', async () => {
      mkdirSync(join(home, '.ssh'), { recursive: true })
      mkdirSync(join(home, 'bin'), { recursive: true })
      writeFileSync(join(home, '.ssh', 'config'), text)
      process.env.HOME = home
      process.env.PATH = join(home, 'bin')
      if (openssh) {
        const ssh = execFileSync('/bin/sh', ['-c', 'command -v ssh'], { env: { PATH: before.PATH } })
          .toString()
          .trim()
        writeFileSync(
          join(home, 'bin', 'ssh'),
          `#!/bin/sh\necho used >>'${home}/asked'\nexec ${ssh} -F '${home}/.ssh/config' "$@"\n`,
          { mode: 0o755 },
        )
      } else rmSync(join(home, 'bin', 'ssh'), { force: true })

      const { target, jumps } = await route()
      expect(target).to.include({
        host: 'web1',
        address: '10.1.1.1',
        port: 2022,
        user: 'deploy',
        hostKeyChecking: 'accept-new',
        timeout: 4000,
      })
      expect(target.keyFiles).to.deep.equal([`${home}/key`])
      expect(target.knownHostsFiles[0]).to.equal(`${home}/known`)
      expect(jumps.map((jump) => `${jump.user}@${jump.address}:${jump.port}`)).to.deep.equal(['jumper@10.2.2.2:22'])
      if (openssh) expect(readFileSync(join(home, 'asked'), 'utf8')).to.include('used')
    })
  }

  it('gives way to the inventory', async () => {
    const vars = {
      ansible_user: 'me',
      ansible_port: 99,
      ansible_host_key_checking: true,
      ansible_ssh_common_args: '-o ProxyJump=none',
    }
    const { target, jumps } = await route(vars)
    expect(target).to.include({ user: 'me', port: 99, hostKeyChecking: 'strict', address: '10.1.1.1' })
    expect(jumps).to.deep.equal([])
  })

  it('is not needed', async () => {
    rmSync(join(home, '.ssh'), { recursive: true })
    const { target } = await route()
    expect(target).to.include({
      address: 'web1',
      port: 22,
      hostKeyChecking: 'strict',
      timeout: 10_000,
      keepalive: 15_000,
    })
  })
})
