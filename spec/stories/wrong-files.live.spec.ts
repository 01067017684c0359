import { expect } from 'chai'
import { down, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { inventory, look, Stage, upWords } from './stage.ts'

/** Logins and connections that the host's sshd has seen; each look is one more. */
async function visits(): Promise<number> {
  return Number(await look('story-1', "journalctl -u ssh -o cat | grep -c '^Accepted'"))
}

describe('live stories: what is wrong in the files is told before any connection', function () {
  this.timeout(60_000)
  const stage = new Stage({ 'hosts.ini': inventory({ ansible_user: 'root' }, ['story-1']) })
  before(async function () {
    needsLab.call(this)
    await up(upWords('story-1'))
  })
  after(async () => {
    stage.end()
    await down(['story-1'])
  })

  it('lists every mistake with its place, exits 1, and no host is talked to', async () => {
    stage.write({
      'site.yml': `- hosts: all
  tasks:
    - file: {path: /tmp/told, state: touch}
    - copy: {dest: /tmp/motd, content: hi, mdoe: '0644'}
    - template: {src: app.hbs, dest: /tmp/app}
    - debug: {msg: "{{greting}}"}
      vars: {greeting: hello}
- hosts: wbe
  tasks:
    - coppy: {}
`,
      'templates/app.hbs': 'name = app\nport = {{app_port}}\n',
    })
    const before = await visits()
    const { status, stdout, stderr } = await stage.play(['run', 'site.yml', '-i', 'hosts.ini'])
    expect(await visits(), 'visits besides our own').to.equal(before + 1)
    expect(status).to.equal(1)
    expect(stdout).to.equal('')
    const told = (...lines: string[]) => expect(stderr).to.include(lines.join('\n'))
    told(
      'error[unknown-parameter]: "copy" has no parameter "mdoe".',
      ' --> site.yml:4:44',
      '  |',
      "4 |     - copy: {dest: /tmp/motd, content: hi, mdoe: '0644'}",
      '  |                                            ^^^^',
    )
    expect(stderr).to.match(/= help: Did you mean "mode"\?/)
    told(
      'error[undefined-variable]: "app_port" is not defined.',
      ' --> templates/app.hbs:2:10',
      '  |',
      '2 | port = {{app_port}}',
      '  |          ^^^^^^^^',
    )
    told(
      'error[undefined-variable]: "greting" is not defined.',
      ' --> site.yml:6:23',
      '  |',
      '6 |     - debug: {msg: "{{greting}}"}',
      '  |                       ^^^^^^^',
    )
    expect(stderr).to.include('id you mean "greeting"?')
    told(
      'error[unknown-group]: No host or group is called "wbe".',
      ' --> site.yml:8:10',
      '  |',
      '8 | - hosts: wbe',
      '  |          ^^^',
    )
    told('error[unknown-module]: There is no module "coppy".', '  --> site.yml:10:7')
    expect(stderr).to.include('Did you mean "copy"?')
    expect(stderr.trimEnd().endsWith('\n5 problems'), stderr).to.equal(true)
  })

  it('shows where the YAML breaks', async () => {
    stage.write({ 'broken.yml': '- hosts: all\n  tasks:\n    - debug: {msg: "never closed}\n' })
    const before = await visits()
    const { status, stdout, stderr } = await stage.play(['run', 'broken.yml', '-i', 'hosts.ini'])
    expect(await visits()).to.equal(before + 1)
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
    expect(stderr).to.equal(
      [
        'error[yaml-syntax]: This " is never closed.',
        ' --> broken.yml:3:20',
        '  |',
        '3 |     - debug: {msg: "never closed}',
        '  |                    ^',
        `  = help: Close the quote; one inside the text is written \\" in double quotes, '' in single ones.`,
        '',
        '1 problem',
        '',
      ].join('\n'),
    )
  })
})
