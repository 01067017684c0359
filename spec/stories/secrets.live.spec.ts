import { spawn } from 'node:child_process'
import { expect } from 'chai'
import { execWords, sshWords } from '../lab/exec.ts'
import { down, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { inventory, look, Stage, upWords } from './stage.ts'

/** Each in its own place; none may ever be seen. */
const secrets = {
  become: 'lab-sudo',
  user: '$6$saltsaltsalt$Hh7Y0qpaVQXyOQ9c1s6Q3T',
  extra: 'extra-Zq7!wort',
  logged: 'unlogged-Kp2#wort',
  content: 'content-Vx9-wort',
}

/** Samples a host's process list until told to stop; gives every line seen. */
function processes(host: 'story-2'): () => Promise<string> {
  const script =
    'while :; do ps -eo args -ww; cat /proc/[0-9]*/environ 2>/dev/null | tr "\\\\0" "\\\\n" | grep -i wort; sleep 0.05; done'
  const [program = '', ...words] = execWords(sshWords(host, [script]))
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text
  })
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return async () => {
    child.kill()
    await closed
    return seen
  }
}

describe('live stories: secrets', function () {
  this.timeout(60_000)
  const stage = new Stage({
    'hosts.ini': inventory({ ansible_user: 'admin', ansible_become_password: secrets.become }, ['story-2']),
    'extra.yml': `api_token: "${secrets.extra}"\n`,
    'site.yml': `- hosts: all
  become: true
  tasks:
    - {name: a user, user: {name: app, password: '${secrets.user}'}}
    - {name: hidden content, copy: {dest: /root/token, content: "{{api_token}}\\n", mode: '0600'}, no_log: true}
    - {name: hidden command, shell: "cat >/dev/null; sleep 1; echo ${secrets.logged}", args: {stdin: "${secrets.logged}"}, no_log: true, register: said}
    - {name: hidden loop, copy: {dest: "/root/{{item.name}}", content: "{{item.value}}", mode: '0600'}, no_log: true, loop: [{name: a, value: ${secrets.logged}}]}
    - {name: hidden failure, shell: "echo ${secrets.logged}; exit 3", no_log: true, ignore_errors: true}
    - {name: a private file, template: {src: private.hbs, dest: /root/private, mode: '0600'}, no_log: true}
    - {name: a large private file, copy: {src: large, dest: /root/large, mode: '0600'}, diff: false}
`,
    'templates/private.hbs': `${secrets.content}\n{{api_token}}\n`,
    'files/large': `${secrets.content}\n`.repeat(60_000),
  })
  before(async function () {
    needsLab.call(this)
    await up(upWords('story-2'))
  })
  after(async () => {
    stage.end()
    await down(['story-2'])
  })

  it('are in no output, however wordy, and in no process list', async () => {
    const words = ['run', 'site.yml', '-i', 'hosts.ini', '-e', '@extra.yml', '--diff', '-vvv']
    const outputs = [await stage.play(['check', ...words.slice(1)])]
    const stop = processes('story-2')
    outputs.push(await stage.play(words))
    const seen = await stop()
    await look('story-2', 'userdel app; rm -f /root/token /root/a /root/private /root/large')
    outputs.push(await stage.play([...words, '--output', 'jsonl', '-e', `{"note": "${secrets.extra}"}`]))
    for (const { status, all } of outputs) {
      expect(status, all).to.equal(0)
      for (const [where, secret] of Object.entries(secrets))
        if (all.includes(secret)) expect.fail(`${where}: ${all.split('\n').find((line) => line.includes(secret))}`)
    }
    expect(seen, 'the sampling itself').to.match(/sleep 1; echo/)
    // The command that no_log hides has its words in the list while it runs, as everywhere: only its input can be hidden.
    const others = seen.split('\n').filter((line) => !/sleep 1; echo|^sh -c|^grep/.test(line) || line.includes('sudo'))
    for (const [where, secret] of Object.entries(secrets))
      expect(
        others.filter((line) => line.includes(secret)),
        where,
      ).to.deep.equal([])
    expect(await look('story-2', 'cat /root/token; getent shadow app | cut -d: -f2')).to.equal(
      `${secrets.extra}\n${secrets.user}`,
    )
  })
})
