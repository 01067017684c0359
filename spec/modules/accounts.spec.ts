import { expect } from 'chai'
import authorizedKey from '../../modules/authorized_key.ts'
import knownHosts from '../../modules/known_hosts.ts'
import pamLimits from '../../modules/pam_limits.ts'
import user from '../../modules/user.ts'
import { planOf } from './harness.ts'

const BLOB = 'AAAAC3NzaC1lZDI1NTE5AAAAIKnM3tJsvPZUGRoCXxRkrSgMPGmS8rVMUwGmbNqlAYZT'
const KEY = `ssh-ed25519 ${BLOB} ops`
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA you'
const keeper = { name: 'keeper', uid: 2001, gid: 2001, gecos: '', home: '/home/keeper', shell: '/bin/sh' }
const folder = { type: 'directory', mode: '0700' }

type Wanted = {
  changes?: readonly { path: string }[]
  steps?: readonly { name: string; send?: unknown; script: string; show: string }[]
  failed?: string
}
const written = (plan: Wanted) => {
  const step = plan.steps?.find((one) => one.name === 'write')
  return step === undefined ? undefined : String(step.send)
}

describe('authorized_key', () => {
  const plan = (text: string | null, params: object) =>
    planOf(
      authorizedKey,
      { account: keeper, path: '/home/keeper/.ssh/authorized_keys', text, folder, target: null },
      { user: 'keeper', key: KEY, ...params },
    ) as Wanted
  const table: [string, string | null, object, string | undefined][] = [
    ['adds to what is there', `${OTHER}\n`, {}, `${OTHER}\n${KEY}\n`],
    ['knows a key that is there', `# mine\n${KEY}\n`, {}, undefined],
    [
      'knows it by its options, in any order',
      `from="10.0.0.0/8",command="echo a b" ${KEY}\n`,
      { key_options: 'command="echo a b",from="10.0.0.0/8"' },
      undefined,
    ],
    ['takes options away that nobody asks for', `no-pty ${KEY}\n${OTHER}\n`, {}, `${OTHER}\n${KEY}\n`],
    ['exclusive takes all others out', `# mine\n${OTHER}\n${KEY}\n`, { exclusive: true }, `${KEY}\n`],
    ['sets options', `${KEY}\n`, { key_options: 'no-pty' }, `no-pty ${KEY}\n`],
    ['sets a comment', `${KEY}\n`, { comment: 'new' }, `ssh-ed25519 ${BLOB} new\n`],
    ['takes several keys', null, { key: `${KEY}\n\n# a comment\n${OTHER}\n` }, `${KEY}\n${OTHER}\n`],
    ['absent takes it out', `${OTHER}\n${KEY}\n`, { state: 'absent' }, `${OTHER}\n`],
  ]
  for (const [title, before, params, after] of table)
    it(title, () => expect(written(plan(before, params))).to.equal(after))

  it('refuses what is no key', () =>
    expect(plan(null, { key: 'ssh-ed25519 nonsense!' }).failed).to.equal(
      'This is no public SSH key: ssh-ed25519 nonsense!',
    ))
})

describe('known_hosts', () => {
  const plan = (text: string | null, params: object) =>
    planOf(
      knownHosts,
      { path: '/k', text, folder: true, salt: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      { name: 'm1', ...params },
    ) as Wanted
  const line = (type: string, blob: string) => `m1 ${type} ${blob}`
  const table: [string, string | null, object, string | undefined][] = [
    ['adds a key', 'x ssh-rsa AAAA\n', { key: line('ssh-ed25519', BLOB) }, `x ssh-rsa AAAA\nm1 ssh-ed25519 ${BLOB}\n`],
    ['knows it beside other names', `m1,10.0.0.1 ssh-ed25519 ${BLOB}\n`, { key: line('ssh-ed25519', BLOB) }, undefined],
    [
      'replaces an old key of the type',
      `${line('ssh-ed25519', 'AAAA')}\n${line('ssh-rsa', 'BBBB')}\n`,
      { key: line('ssh-ed25519', BLOB) },
      `m1 ssh-rsa BBBB\nm1 ssh-ed25519 ${BLOB}\n`,
    ],
    ['leaves revoked keys', `@revoked ${line('ssh-ed25519', 'AAAA')}\n`, { state: 'absent' }, undefined],
    ['takes a host out', `${line('ssh-rsa', 'BBBB')}\nx ssh-rsa AAAA\n`, { state: 'absent' }, 'x ssh-rsa AAAA\n'],
  ]
  for (const [title, before, params, after] of table)
    it(title, () => expect(written(plan(before, params))).to.equal(after))

  it('knows a name that it hashed itself', () => {
    const first = written(plan(null, { key: line('ssh-ed25519', BLOB), hash_host: true }))
    expect(first)
      .to.match(/^\|1\|/)
      .and.not.contain('m1')
    expect(written(plan(first!, { key: line('ssh-ed25519', BLOB), hash_host: true }))).to.equal(undefined)
    expect(written(plan(first!, { state: 'absent' }))).to.equal('')
  })

  it('refuses the key of another host', () =>
    expect(plan(null, { key: `m2 ssh-ed25519 ${BLOB}` }).failed).to.equal('The key is for m2, not for m1.'))
})

describe('pam_limits', () => {
  const plan = (text: string | null, params: object) =>
    planOf(
      pamLimits,
      { text, now: 0 },
      { domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '655360', ...params },
    ) as Wanted
  const table: [string, string, object, string | undefined][] = [
    ['adds a line', '# End of file\n', {}, '# End of file\n*\tsoft\tnofile\t655360\n'],
    ['knows the value however it is spaced', '* soft   nofile 655360 # big\n', {}, undefined],
    ['changes the value in its place', '* soft nofile 1\nx - core 0\n', {}, '*\tsoft\tnofile\t655360\nx - core 0\n'],
    ['keeps a larger one', '* soft nofile 999999\n', { use_max: true }, undefined],
    ['unlimited is larger than any', '* soft nofile unlimited\n', { use_max: true }, undefined],
    ['infinity is unlimited', '* soft nofile infinity\n', { value: 'unlimited' }, undefined],
    ['both is not soft', '* - nofile 655360\n', {}, '* - nofile 655360\n*\tsoft\tnofile\t655360\n'],
  ]
  for (const [title, before, params, after] of table)
    it(title, () => expect(written(plan(before, params))).to.equal(after))
})

describe('user', () => {
  const state = {
    account: { ...keeper, primary: 'keeper', groups: ['adm'], hash: '$6$a$b', expires: '' },
    hasTools: true,
    missing: [],
    namesake: false,
    gid: undefined,
  }
  const scripts = (now: object, params: object) =>
    (planOf(user, now, { name: 'keeper', ...params }) as Wanted).steps?.map((step) => step.script)

  it('is added with what is asked', () => {
    expect(
      scripts(
        { ...state, account: null },
        { uid: 7, groups: ['a', 'b'], comment: "O'Neil", create_home: false, system: true, expires: 1_900_000_000 },
      ),
    ).to.deep.equal(["useradd -u 7 -G a,b -c 'O'\\''Neil' -e 2030-03-17 -M -r -- keeper"])
  })

  it('names the home folder that comes with it, where there is none yet', () => {
    const changes = (homeless: boolean) =>
      (planOf(user, { ...state, account: null, homeless }, { name: 'keeper' }) as Wanted).changes?.map(
        ({ path }) => path,
      )
    expect(changes(true)).to.deep.equal(['user keeper', '/home/keeper'])
    expect(changes(false)).to.deep.equal(['user keeper'])
  })

  it('takes the group of its name where there is one', () =>
    expect(scripts({ ...state, account: null, namesake: true }, {})).to.deep.equal(['useradd -N -m -- keeper']))

  const table: [string, object, string[]][] = [
    [
      'the same is left alone',
      { groups: ['adm'], shell: '/bin/sh', password: '$6$a$b', password_lock: false, home: '/home/keeper', uid: 2001 },
      [],
    ],
    ['groups are exactly those given', { groups: ['docker'] }, ['usermod -G docker -- keeper']],
    ['or added to', { groups: ['docker'], append: true }, ['usermod -a -G docker -- keeper']],
    ['none at all', { groups: [] }, ["usermod -G '' -- keeper"]],
    ['a password only when it is new', { password: 'x', update_password: 'on_create' }, []],
    ['several changes are one command', { shell: '/bin/bash', comment: 'K' }, ['usermod -c K -s /bin/bash -- keeper']],
  ]
  for (const [title, params, expected] of table) it(title, () => expect(scripts(state, params)).to.deep.equal(expected))

  it('keeps the hash of a password out of every text', () => {
    const { steps } = planOf(user, state, { name: 'keeper', password: '$6$secret$hash' })
    expect(steps?.map((step) => `${step.show} ${step.script}`).join()).to.not.contain('secret')
  })
})
