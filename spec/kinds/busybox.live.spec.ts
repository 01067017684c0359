// Every module's examples on a host that has nothing but busybox, and what such hosts are asked for beside.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse, stringify } from 'yaml'
import { busyboxLayers } from '../lab/busybox-layer.ts'
import type { LightLayers } from '../lab/light-layer.ts'
import { needsLab } from '../lab/live.ts'
import { allExamples } from '../modules/example-book.ts'
import { WebServer } from '../modules/web-server.ts'
import { expectContract } from './contract.ts'
import { LightPlayground } from './light-place.ts'
import type { Case } from './trial.ts'

const OPAQUE = ['command', 'shell', 'script', 'raw']

/** Modules, and single examples, for what such a host has not: they say so, and what they say. */
const beyond: Record<string, RegExp> = {
  alternatives: /neither update-alternatives nor alternatives/,
  apt: /no package manager that is known here/,
  apt_repository: /apt_repository is for Debian and its kin/,
  deb822_repository: /deb822_repository is for Debian and its kin/,
  git: /git/,
  iptables: /This host has no command iptables/,
  locale_gen: /\/etc\/locale\.gen are missing/,
  // busybox's cron has no such folder
  'cron: In a file of its own, with a variable': /Destination folder \/etc\/cron\.d does not exist/,
  dpkg_selections: /This host has no dpkg/,
  nftables: /This host has no command nft/,
  package: /no package manager that is known here/,
  package_facts: /none of dpkg, apk and rpm/,
  pam_limits: /folder \/etc\/security is not there/,
  service: /systemd|no service/,
  service_facts: /not run by systemd/,
  systemd: /systemd/,
  timezone: /no time zone/,
  'user: A user with a key pair': /busybox cannot add runner with "password_expire_max"/,
}

/** What such hosts come with is not installed first. */
function withoutPackages(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const tasks = (parse(given) as object[]).filter((task) => !('apt' in task || 'package' in task))
  return tasks.length === 0 ? undefined : stringify(tasks)
}

const found = await allExamples()
const examples = found.filter(({ example }) => example.cannotRun === undefined)

type Row = Case & { title: string; look: string; found: string; opaque?: boolean }

const rows: Row[] = [
  {
    title: 'a template, and a script of the controller',
    yaml:
      '- template: {src: greeting.hbs, dest: /srv/greeting, mode: "0640"}\n' +
      '- script: say.sh there\n  args: {creates: /srv/said}',
    look: 'cat /srv/greeting /srv/said; stat -c %a /srv/greeting',
    found: 'Good day, busybox-1.\nthere\n640',
    opaque: true,
  },
  {
    title: 'an archive of the controller',
    yaml: '- file: {path: /srv/app, state: directory}\n- unarchive: {src: app.tar, dest: /srv/app}',
    look: 'cat /srv/app/bin/run; stat -c %a /srv/app/bin/run',
    found: 'echo run\n755',
  },
  {
    title: 'a member of groups, a password and a lock',
    given:
      '- group: {name: readers, gid: 4711}\n- user: {name: keeper, uid: 2001, groups: [adm], shell: /bin/sh, comment: The Keeper}',
    yaml: '- user: {name: keeper, groups: [readers], password: $6$salt$hash}\n- user: {name: keeper, password_lock: true}',
    look: 'grep ^keeper: /etc/passwd; id -Gn keeper; grep ^keeper: /etc/shadow | cut -d: -f2; stat -c "%U %a" /home/keeper',
    found: 'keeper:x:2001:2001:The Keeper:/home/keeper:/bin/sh\nkeeper readers\n!$6$salt$hash\nkeeper 2755',
  },
  {
    title: 'a user gone with his files, and a group gone',
    given: '- group: {name: readers}\n- user: {name: keeper}',
    yaml: '- user: {name: keeper, state: absent, remove: true}\n- group: {name: readers, state: absent}',
    look: 'grep -cE "^(keeper|readers):" /etc/passwd /etc/group; ls /home',
    found: '/etc/passwd:0\n/etc/group:0',
  },
  {
    title: 'another name for the host',
    yaml: '- hostname: {name: other}',
    look: 'hostname; cat /etc/hostname',
    found: 'other\nother',
  },
  {
    title: 'a job for root',
    yaml: '- cron: {name: clean, minute: "5", job: /bin/true}',
    look: 'cat /etc/crontabs/root',
    found: '#Ansible: clean\n5 * * * * /bin/true',
  },
  {
    title: 'what setup says',
    yaml:
      '- setup:\n- assert:\n    that:\n      - facts.os_family == "Alpine"\n      - facts.distribution_version == "3.17.0"\n' +
      '      - facts.hostname == "busybox-1"\n      - facts.memtotal_mb > 100\n      - facts.processor_vcpus > 0',
    look: 'true',
    found: '',
  },
]

describe('a host with busybox alone', function () {
  this.timeout(120_000)
  let layers: LightLayers
  let place: LightPlayground

  before(async function () {
    needsLab.call(this)
    layers = await busyboxLayers(() => {})
  })
  beforeEach(async () => {
    place = await LightPlayground.open({ name: 'busybox-1', address: '127.77.251.1', port: 2279 }, layers)
  })
  afterEach(() => place?.close())

  const said = async (script: string) => (await place.host.run(script)).stdout.trim()

  for (const { module, example } of examples) {
    const given = withoutPackages(example.given)
    const one = given === undefined ? { yaml: example.yaml } : { given, yaml: example.yaml }
    const refused = beyond[module] ?? beyond[`${module}: ${example.title}`]
    if (refused) {
      it(`${module}: ${example.title}: says that the host has no such thing`, async () => {
        // what would bring about the start may be refused already
        const runs = [
          ...(given === undefined ? [] : [await place.play(given)]),
          await place.play(one.yaml, { check: true }),
        ]
        expect(runs.map(({ wrong }) => wrong).join('\n')).to.match(refused)
        expect(runs.map(({ exit }) => exit)).to.include(2)
      })
    } else
      it(`${module}: ${example.title}`, async () => {
        expectContract(await place.try(one), {
          opaque: OPAQUE.includes(module),
          repeats: example.repeats !== undefined,
        })
      })
  }

  for (const { title, look, found, opaque, ...one } of rows) {
    it(title, async () => {
      mkdirSync(join(place.book, 'templates'))
      mkdirSync(join(place.book, 'files'))
      writeFileSync(join(place.book, 'templates/greeting.hbs'), 'Good day, {{inventory_hostname}}.\n')
      writeFileSync(join(place.book, 'files/say.sh'), '#!/bin/sh\necho "$1" >/srv/said\n')
      writeFileSync(join(place.book, 'files/app.tar'), await archive())
      expectContract(await place.try(one), { opaque: opaque ?? false })
      expect(await said(look)).to.equal(found)
    })
  }

  it('a file from a server, its checksum checked, by busybox wget', async () => {
    const server = new WebServer()
    server.files.set('/thing', Buffer.from('hello\n'))
    await server.start()
    try {
      const sum = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'
      const task = (checksum: string) =>
        `- get_url: {url: "${server.url('/thing')}", dest: /srv/thing, checksum: "sha256:${checksum}"}`
      expectContract(await place.try({ yaml: task(sum) }))
      expect(await said('cat /srv/thing')).to.equal('hello')
      const bad = await place.play(`- file: {path: /srv/thing, state: absent}\n${task('0'.repeat(64))}`)
      expect(bad.wrong).to.match(/checksum/)
      expect(await said('ls -A /srv')).to.equal('')
      expectContract(await place.try({ yaml: `- wait_for: {port: ${server.port}, host: 127.0.0.1, timeout: 5}` }))
    } finally {
      await server.stop()
    }
  })

  /** A tar with one program in it, made where the host's own tar cannot help. */
  async function archive(): Promise<Buffer> {
    const made = await place.host.run(
      'mkdir -p /tmp/a/bin; echo "echo run" >/tmp/a/bin/run; chmod 755 /tmp/a/bin/run; tar -C /tmp/a -cf - bin | base64; rm -r /tmp/a',
    )
    return Buffer.from(made.stdout, 'base64')
  }
})
