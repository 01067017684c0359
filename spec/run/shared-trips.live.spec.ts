import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { tsx } from '../lab/places.ts'
import { liveArena } from '../referee/live-arena.ts'
import { made, type Story, stories } from './shared-trip-stories.ts'
import { captured, type Ending, eventsIn, lasting, writeFiles } from './story.ts'

const program = new URL('../../engine/cli/main.ts', import.meta.url).pathname

describe('tasks that share a round trip', function () {
  this.timeout(60_000)
  const arena = liveArena()

  async function played(story: Story, more: readonly string[]): Promise<Ending & { left: readonly string[] }> {
    await arena().reset(story.before)
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-trips-'))
    const { hosts = 'h1', play = '  tasks:\n', tasks, files = {}, words = [] } = story
    try {
      writeFiles(folder, { ...files, 'site.yml': `- hosts: ${hosts}\n  gather_facts: false\n${play}${tasks}` })
      const all = ['run', 'site.yml', '-i', 'h1,h2,', '-u', 'root', '--output', 'jsonl', ...words, ...more]
      const ended = await arena().from(() => captured(folder, all))
      return {
        ...ended,
        events: eventsIn(ended.stdout),
        left: Object.entries(arena().files()).map((one) => String(one)),
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const trips = ({ events }: Ending) => {
    const recap = events.find((event) => event.event === 'recap')
    return recap?.hosts['h1']?.round_trips
  }

  for (const story of stories)
    it(story.title, async () => {
      const shared = await played(story, [])
      const alone = await played(story, ['--no-look-ahead'])
      const said = shared.stdout + shared.stderr
      expect(lasting(shared.events), said).to.deep.equal(lasting(alone.events))
      expect(shared.status, said).to.equal(alone.status)
      expect(shared.left).to.deep.equal(alone.left)
      const names = shared.left.map((one) => /^h1:\/srv\/([^,]+)/.exec(one)?.[1]).filter((one) => one !== undefined)
      expect(names.sort(), said).to.deep.equal([...story.left])
      // On a slow machine looks that come a moment later go by themselves.
      expect(trips(shared), said).to.be.at.most(story.trips + 1)
    })

  it('hold what is another each time it is asked for, as their tasks say', async () => {
    const { status, stdout } = await played(
      {
        title: '',
        tasks: `${made('a')}    - {copy: {dest: /srv/b, content: !expr "pipe('date +%N')"}, register: b}
    - {slurp: {src: /srv/b}, register: there}
    - {assert: {that: "b.checksum == hash(b64decode(there.content), 'sha1')"}}
    - {copy: {dest: /srv/c, content: c}}
    - {file: {path: !expr "'/srv/' + string(random(1000000))", state: directory}, register: r}
    - {find: {paths: /srv, file_type: directory}, register: found}
    - {assert: {that: "found.matched == 1 && found.files[0].path == r.path"}}\n`,
        trips: 4,
        left: [],
      },
      [],
    )
    expect(status, stdout).to.equal(0)
  })

  it('are told of after a Ctrl-C when they were made, and those behind them are not begun', async () => {
    await arena().reset()
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-trips-'))
    const slow = '    - {name: a, copy: {dest: /srv/a, content: a, validate: \'sh -c "sleep 2" %s\'}}\n'
    const tasks = `${slow}${made('b')}    - {name: c, command: touch /srv/c}\n${made('d')}`
    try {
      writeFiles(folder, { 'site.yml': `- hosts: h1\n  gather_facts: false\n  tasks:\n${tasks}` })
      const words = ['--conditions=tsplay-source', '--import', tsx, program]
      const child = spawn(process.execPath, [...words, 'run', 'site.yml', '-i', 'h1,', '-u', 'root'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...arena().environment },
      })
      let said = ''
      let asked = false
      const hear = (part: Buffer) => {
        said += part.toString()
        if (asked || !said.includes('TASK [a]')) return
        asked = true
        setTimeout(() => child.kill('SIGINT'), 700)
      }
      for (const stream of [child.stdout, child.stderr]) stream.on('data', hear)
      const status = await new Promise((resolve) => child.once('close', resolve))
      expect(status, said).to.equal(99)
      expect(said, said).to.match(/TASK \[b\][\s\S]*changed: \[h1\][\s\S]*ok=2 changed=2/)
      expect(said).not.to.contain('TASK [c]')
      const left = Object.keys(arena().files()).filter((path) => path.startsWith('h1:'))
      expect(left).to.deep.equal(['h1:/srv/a', 'h1:/srv/b'])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
