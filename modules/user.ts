import { posix } from 'node:path'
import {
  accountTools,
  addUser,
  type BusyboxChange,
  type Change,
  type Content,
  type Controller,
  changeWithBusybox,
  defineModule,
  type Effect,
  exec,
  type Host,
  makeDirectory,
  memberships,
  Problem,
  pki,
  quote,
  removeUser,
  type SshKeyFacts,
  type SshKeyPair,
  type SshKeyType,
  type Step,
  shadowEntry,
  Unknown,
  type UserEntry,
  userEntry,
  write,
} from 'tsplay'

const DAY = 86_400

interface Account extends UserEntry {
  /** Groups beside the primary one. */
  readonly groups: readonly string[]
  readonly primary: string
  /** Fields of /etc/shadow; missing when it may not be read. */
  readonly hash?: string
  readonly expires?: string
  readonly least?: string
  readonly most?: string
}

export default defineModule({
  summary: 'Add, change and remove users.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[^:\\n-][^:\\n]*$', aliases: ['user'], description: 'The user.' },
      state: { enum: ['present', 'absent'], default: 'present' },
      uid: { type: 'integer', minimum: 0 },
      non_unique: { type: 'boolean', default: false },
      group: { type: 'string', description: 'The primary group, which must exist.' },
      groups: { type: 'array', items: { type: 'string' }, description: 'Further groups; an empty list is none.' },
      append: { type: 'boolean', default: false, description: 'Only add to groups, take out of none.' },
      comment: { type: 'string', format: 'line' },
      home: { type: 'string', format: 'path' },
      create_home: { type: 'boolean', default: true, aliases: ['createhome'] },
      move_home: { type: 'boolean', default: false, description: "Move the old home folder's files to the new one." },
      skeleton: { type: 'string', format: 'path', description: 'Folder whose files a new home folder gets.' },
      shell: { type: 'string', format: 'line' },
      system: { type: 'boolean', default: false, description: 'A number of the range for systems, when it is added.' },
      password: {
        type: 'string',
        format: 'line',
        secret: true,
        description: "The password's hash, as crypt(3) makes it; `!` or `*` for none.",
      },
      update_password: { enum: ['always', 'on_create'], default: 'always' },
      password_lock: { type: 'boolean', description: 'Lock or unlock the password.' },
      expires: { type: 'number', description: 'When the account ends, seconds since 1970; negative: never.' },
      password_expire_max: {
        type: 'integer',
        description: 'Days after which the password must be changed; a negative number: never.',
      },
      password_expire_min: { type: 'integer', description: 'Days during which a new password cannot be changed.' },
      umask: {
        type: 'string',
        pattern: '^[0-7]{1,4}$',
        description: 'What a new home folder does not grant: 077 makes it 0700. When the user is added.',
      },
      seuser: { type: 'string', description: 'The SELinux user of logins. When the user is added.' },
      generate_ssh_key: {
        type: 'boolean',
        default: false,
        description: 'Make a pair of SSH keys where there is none. One that is there stays, whatever it is.',
      },
      ssh_key_type: { enum: ['rsa', 'ecdsa', 'ed25519'], default: 'rsa', description: 'The kind of key.' },
      ssh_key_bits: { type: 'integer', description: 'Default: 4096 for rsa, 256 for ecdsa.' },
      ssh_key_comment: {
        type: 'string',
        default: 'ansible-generated on $HOSTNAME',
        description: 'The words after the public key; $HOSTNAME is the name of the host.',
      },
      ssh_key_file: {
        type: 'string',
        description: 'The private key; in the home folder, unless it begins with /. Default: .ssh/id_TYPE.',
      },
      ssh_key_passphrase: { type: 'string', secret: true, description: 'Encrypts the private key.' },
      remove: {
        type: 'boolean',
        default: false,
        description: 'With state absent: remove the home folder and mail too.',
      },
      force: { type: 'boolean', default: false, description: 'With state absent: even while the user is logged in.' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: {
    uid: 'the number',
    group: 'number of the primary group',
    home: 'the home folder',
    shell: 'the login shell',
    name: 'as asked',
    comment: 'the full name',
    groups: 'further groups, as asked',
    append: 'as asked',
    system: 'as asked, when it is added',
    create_home: 'as asked, when it is added',
    move_home: 'as asked',
    password: 'that it is given, not which',
    password_expire_max: 'as asked',
    password_expire_min: 'as asked',
    remove: 'as asked, when it is removed',
    force: 'as asked, when it is removed',
    stdout: 'what the programs said that did it',
    stderr: 'what they said',
    ssh_key_file: 'the private key (generate_ssh_key)',
    ssh_public_key: 'the public key',
    ssh_fingerprint: 'as ssh-keygen -l prints it',
  },
  examples: [
    {
      title: 'A user with a key pair',
      yaml: '- user:\n    name: runner\n    generate_ssh_key: true\n    ssh_key_type: ed25519\n    password_expire_max: 90',
    },
    {
      title: 'A user for a service',
      yaml: '- user:\n    name: etcd\n    system: true\n    shell: /usr/sbin/nologin\n    home: /var/lib/etcd\n    create_home: false\n    comment: etcd member',
    },
    {
      title: 'Into another group',
      yaml: '- user:\n    name: keeper\n    groups: [adm]\n    append: true',
      given: '- user: {name: keeper}',
    },
  ],
  // What is in a new home, and whom it belongs to, its host says.
  contained: ({ create_home, move_home }) => !create_home && !move_home,
  async probe(host, params, controller) {
    const wanted =
      params.state === 'absent' ? [] : [...(params.group === undefined ? [] : [params.group]), ...(params.groups ?? [])]
    const [entry, tools, more, shadow, namesake, home, ...groups] = await Promise.all([
      host.read(userEntry, params.name),
      accountTools(host),
      host.read(memberships, params.name),
      host.read(shadowEntry, params.name),
      host.group(params.name),
      host.stat(homeOf(params)),
      ...wanted.map((name) => host.group(name)),
    ])
    const missing = wanted.filter((_, index) => groups[index] === null)
    const account: Account | null = entry && {
      ...entry,
      primary: more.primary,
      groups: more.others,
      ...shadow,
    }
    const gid = params.group === undefined ? undefined : groups[0]?.gid
    const key =
      params.generate_ssh_key && params.state === 'present'
        ? await lookAtKey(host, params, entry, controller)
        : undefined
    const own = params.home ?? entry?.home
    const there = own === undefined || own === homeOf(params) ? home : await host.stat(own)
    // Its old home moves to the new place.
    const old = params.move_home && entry && own !== entry.home ? await host.stat(entry.home) : null
    const moves = old !== null
    const homeless = params.create_home && there === null && !moves
    return { account, tools, missing, namesake: namesake !== null, gid, key, homeless, moves }
  },
  plan({ account, tools, missing, namesake, gid, key, homeless, moves }, params) {
    const { name } = params
    const result = {
      name,
      state: params.state,
      ...asked(params, account === null),
      ...(key ? { ssh_key_file: key.path, ...(key.fresh ? laterKey(key.path) : keyResult(key.facts)) } : {}),
      ...(account
        ? { uid: account.uid, group: account.gid, home: account.home, shell: account.shell, comment: account.gecos }
        : {}),
    }
    if (params.state === 'absent') {
      if (!account) return { result }
      const effects: Effect[] = [
        { read: userEntry.name, key: name, gives: null },
        { read: shadowEntry.name, key: name, gives: null },
        ...(params.remove ? [{ file: { path: account.home, type: 'absent' as const } }] : []),
        { forgets: 'group' },
        { forgets: memberships.name },
      ]
      const script = removeUser(tools, name, { files: params.remove, force: params.force })
      return {
        changes: [{ path: `user ${name}`, before: account.uid }],
        steps: [exec({ show: `remove user ${name}`, script, effects })],
        result,
      }
    }
    if (missing.length > 0)
      return {
        failed: `This host has no group ${missing.map((one) => `"${one}"`).join(', ')}, which user ${name} should be in.`,
        hint: 'Add it with the module "group" first.',
      }
    const days =
      params.expires === undefined ? undefined : params.expires < 0 ? '' : String(Math.floor(params.expires / DAY))
    const changes: Change[] = []
    const steps: Step[] = []
    const words: string[] = []
    const want = (path: string, before: unknown, after: unknown, ...flags: string[]) => {
      changes.push({ path: `user ${name} ${path}`, before, after })
      words.push(...flags)
    }
    if (!account) {
      if (tools === null)
        return {
          failed: "This host has no useradd (nor busybox's adduser), which adds users.",
          hint: 'Install the package "passwd" (Debian) or "shadow-utils" (RHEL, Alpine: "shadow").',
        }
      const strange = Object.entries({
        non_unique: params.non_unique,
        expires: days,
        umask: params.umask,
        seuser: params.seuser,
        password_expire_max: params.password_expire_max,
        password_expire_min: params.password_expire_min,
      }).flatMap(([what, value]) => (value ? [`"${what}"`] : []))
      if (tools === 'busybox' && strange.length > 0)
        return { failed: `busybox cannot add ${name} with ${strange.join(', ')}.`, hint: SHADOW }
      const home = homeOf(params)
      const becomes = {
        name,
        home,
        gecos: params.comment ?? '',
        ...(params.uid === undefined ? {} : { uid: params.uid }),
        ...(params.shell === undefined ? {} : { shell: params.shell }),
      }
      const effects: Effect[] = [
        { read: userEntry.name, key: name, gives: becomes },
        ...(params.create_home ? [{ file: { path: home, type: 'directory' as const, owner: name } }] : []),
        // A group of its own comes with it; busybox puts users for systems into nogroup.
        ...(params.group === undefined && !namesake && !(tools === 'busybox' && params.system)
          ? [{ read: 'group', key: name, gives: { name, members: [] } }]
          : []),
        { forgets: 'group' },
        { forgets: memberships.name },
      ]
      const ends = days ?? ''
      effects.push(hashOf(name, '!', ends))
      const added = {
        name,
        uid: params.uid,
        nonUnique: params.non_unique,
        group: params.group,
        namesake,
        groups: params.groups ?? [],
        comment: params.comment,
        home: params.home,
        shell: params.shell,
        expires: days ? dateOf(Number(days)) : undefined,
        createHome: params.create_home,
        skeleton: params.skeleton,
        system: params.system,
        umask: params.umask,
        seuser: params.seuser,
      }
      changes.push({ path: `user ${name}`, after: params.uid ?? 'present' })
      if (homeless) changes.push({ path: home, after: 'folder' })
      steps.push(exec({ show: `add user ${name}`, script: addUser(tools, added), effects }))
      if (params.password !== undefined) steps.push(setPassword(name, params.password, ends))
      if (params.password_lock)
        steps.push(
          exec({
            show: `lock the password of ${name}`,
            script: tools === 'busybox' ? `passwd -l ${quote(name)}` : `usermod -L -- ${quote(name)}`,
            effects: [hashOf(name, locked(params.password ?? '!'), ends)],
          }),
        )
      const ages = ageWords(params, { least: '', most: '' }, name)
      if (ages.words.length > 0) steps.push(setAges(name, ages.words))
      const keyed = keySteps(key, name, params.group ?? (namesake ? undefined : name))
      steps.push(...keyed.steps)
      changes.push(...keyed.changes)
      return { changes, steps, result }
    }
    let part: BusyboxChange = {}
    if (params.uid !== undefined && params.uid !== account.uid)
      want('uid', account.uid, params.uid, '-u', String(params.uid), ...(params.non_unique ? ['-o'] : []))
    if (params.group !== undefined && gid !== account.gid)
      want('group', account.primary, params.group, '-g', quote(params.group))
    if (params.groups) {
      const primary = params.group ?? account.primary
      const wanted = [...new Set(params.groups)].filter((one) => one !== primary)
      const add = wanted.filter((one) => !account.groups.includes(one))
      const drop = params.append ? [] : account.groups.filter((one) => !wanted.includes(one))
      if (add.length > 0 || drop.length > 0) {
        const after = params.append ? [...account.groups, ...add] : wanted
        part = { ...part, add, drop }
        want(
          'groups',
          account.groups,
          after,
          ...(params.append ? ['-a', '-G', quote(add.join(','))] : ['-G', quote(wanted.join(','))]),
        )
      }
    }
    if (params.comment !== undefined && params.comment !== account.gecos)
      want('comment', account.gecos, params.comment, '-c', quote(params.comment))
    if (params.home !== undefined && params.home !== account.home)
      want('home', account.home, params.home, '-d', quote(params.home), ...(params.move_home ? ['-m'] : []))
    if (params.shell !== undefined && params.shell !== account.shell)
      want('shell', account.shell, params.shell, '-s', quote(params.shell))
    if (days !== undefined && account.expires !== undefined && days !== account.expires)
      want('expires', account.expires, days, '-e', days === '' ? "''" : dateOf(Number(days)))
    const isLocked = account.hash?.startsWith('!')
    const setsPassword =
      params.password !== undefined &&
      params.update_password === 'always' &&
      account.hash !== undefined &&
      account.hash.replace(/^!+(?=.)/, '') !== params.password.replace(/^!+(?=.)/, '')
    if (
      params.password_lock !== undefined &&
      account.hash !== undefined &&
      isLocked !== params.password_lock &&
      !setsPassword
    ) {
      want('locked', isLocked, params.password_lock, params.password_lock ? '-L' : '-U')
      part = { ...part, locks: params.password_lock }
    }
    const ages = ageWords(params, account, name)
    changes.push(...ages.changes)
    const beyond = changes.filter((change) => !/ (groups|locked)$/.test(change.path))
    if (tools === 'busybox' && beyond.length > 0)
      return {
        failed: `busybox cannot change what ${name} has: ${beyond.map(({ path }) => path.split(' ').at(-1)).join(', ')}.`,
        hint: SHADOW,
      }
    const ends = days ?? account.expires ?? ''
    if (words.length > 0) {
      const gives = {
        name,
        home: params.home ?? account.home,
        shell: params.shell ?? account.shell,
        gecos: params.comment ?? account.gecos,
        uid: params.uid ?? account.uid,
        gid: gid ?? account.gid,
      }
      steps.push(
        exec({
          show: `change user ${name}`,
          script: tools === 'busybox' ? changeWithBusybox(name, part) : `usermod ${words.join(' ')} -- ${quote(name)}`,
          effects: [
            { read: userEntry.name, key: name, gives },
            ...(account.hash === undefined ? [] : [hashOf(name, hash(account.hash, params.password_lock), ends)]),
            ...(moves ? [{ file: { path: gives.home, type: 'directory' as const } }] : []),
            { forgets: 'group' },
            { forgets: memberships.name },
          ],
        }),
      )
    }
    const home = params.home ?? account.home
    if (homeless && home) {
      changes.push({ path: home, after: 'folder' })
      const group = String(gid ?? account.gid)
      steps.push(makeHome(home, `${params.uid ?? account.uid}:${group}`, params.skeleton, name))
    }
    if (ages.words.length > 0) steps.push(setAges(name, ages.words))
    if (setsPassword) {
      changes.push({ path: `user ${name} password`, before: 'another', after: 'as given', secret: true })
      steps.push(setPassword(name, params.password_lock ? locked(params.password!) : params.password!, ends))
    }
    const keyed = keySteps(key, name, params.group ?? account.primary)
    return { changes: [...changes, ...keyed.changes], steps: [...steps, ...keyed.steps], result }
  },
  async after(host, _plan, replies, params) {
    const key = await pairs.get(params)
    const there = params.state === 'present' ? await host.user(params.name) : null
    const said = (stream: 'stdout' | 'stderr') =>
      replies
        .map((reply) => reply[stream].toString('utf8'))
        .join('')
        .trim()
    const [stdout, stderr] = [said('stdout'), said('stderr')]
    return {
      ...(stdout === '' ? {} : { stdout, stdout_lines: stdout.split('\n') }),
      ...(stderr === '' ? {} : { stderr, stderr_lines: stderr.split('\n') }),
      ...(key ? keyResult(key) : {}),
      ...(there
        ? { uid: there.uid, group: there.gid, home: there.home, shell: there.shell, comment: there.gecos }
        : {}),
    }
  },
})

/** The home of a user who is to be added. */
const homeOf = ({ name, home }: { name: string; home?: string | undefined }): string => home ?? `/home/${name}`

/** A home that an account lacks, with the skeleton's files, and as open as /etc/login.defs says. */
function makeHome(home: string, whose: string, skeleton: string | undefined, owner: string): Step {
  const from = quote(skeleton ?? '/etc/skel')
  const script = [
    `h=${quote(home)}`,
    'mkdir -p -- "$h" || exit',
    `[ ! -d ${from} ] || cp -R ${from}/. "$h" || exit`,
    String.raw`u=$(sed -n 's/^UMASK[[:blank:]]*\([0-7][0-7]*\).*/\1/p' /etc/login.defs 2>/dev/null | tail -n 1)`,
    '[ -n "$u" ] || u=022',
    'chmod "$(printf %o $((0777 & ~0$u)))" "$h" || exit',
    `chown -R ${whose} "$h"`,
  ]
  return exec({
    show: `make the home folder ${home}`,
    script: script.join('\n'),
    effects: [{ file: { path: home, type: 'directory', owner } }],
  })
}

const SHADOW = 'Install the package "shadow", whose useradd and usermod can.'

function dateOf(days: number): string {
  return new Date(days * DAY * 1000).toISOString().slice(0, 10)
}

const locked = (hash: string): string => (hash.startsWith('!') ? hash : `!${hash}`)

/** A password's hash once it is locked, unlocked or left alone. */
function hash(before: string, lock: boolean | undefined): string {
  if (lock === undefined) return before
  return lock ? locked(before) : before.replace(/^!(?=.)/, '')
}

const hashOf = (name: string, hash: string, expires: string): Effect => ({
  read: shadowEntry.name,
  key: name,
  gives: { hash, expires },
})

/** The hash goes through a private file, never through a command line. */
function setPassword(name: string, hash: string, expires: string): Step {
  return exec({
    show: `set the password of ${name}`,
    script: 'chpasswd -e <"$1"',
    send: Buffer.from(`${name}:${hash}\n`),
    effects: [hashOf(name, hash, expires)],
  })
}

interface Asked {
  readonly state: 'present' | 'absent'
  readonly groups?: readonly string[]
  readonly append: boolean
  readonly system: boolean
  readonly create_home: boolean
  readonly move_home: boolean
  readonly password?: string
  readonly password_expire_max?: number
  readonly password_expire_min?: number
  readonly remove: boolean
  readonly force: boolean
}

/** What Ansible's result repeats of the parameters. */
function asked(params: Asked, added: boolean): Record<string, unknown> {
  if (params.state === 'absent') return { remove: params.remove, force: params.force }
  return {
    append: params.append,
    ...(params.groups === undefined ? {} : { groups: params.groups.join(',') }),
    ...(added ? { create_home: params.create_home, system: params.system } : { move_home: params.move_home }),
    ...(params.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
    ...(params.password_expire_max === undefined ? {} : { password_expire_max: params.password_expire_max }),
    ...(params.password_expire_min === undefined ? {} : { password_expire_min: params.password_expire_min }),
  }
}

/** How long a password may live, and must: chage's words. Nothing where /etc/shadow may not be read. */
function ageWords(
  params: Pick<Asked, 'password_expire_max' | 'password_expire_min'>,
  now: { readonly least?: string; readonly most?: string },
  name: string,
): { words: string[]; changes: Change[] } {
  const words: string[] = []
  const changes: Change[] = []
  const ages = [
    ['-M', 'password_expire_max', now.most, params.password_expire_max],
    ['-m', 'password_expire_min', now.least, params.password_expire_min],
  ] as const
  for (const [flag, what, before, wanted] of ages) {
    if (wanted === undefined || before === undefined || Number(before === '' ? -1 : before) === Math.max(wanted, -1))
      continue
    words.push(flag, String(wanted))
    changes.push({ path: `user ${name} ${what}`, before, after: wanted })
  }
  return { words, changes }
}

function setAges(name: string, words: readonly string[]): Step {
  return exec({
    show: `set how long the password of ${name} lives`,
    script: `chage ${words.join(' ')} -- ${quote(name)}`,
    effects: [{ forgets: shadowEntry.name }],
  })
}

interface KeyOrder {
  readonly name: string
  readonly ssh_key_type: SshKeyType
  readonly ssh_key_bits?: number
  readonly ssh_key_comment: string
  readonly ssh_key_file?: string
  readonly ssh_key_passphrase?: string
  readonly home?: string
}

interface Key {
  readonly path: string
  /** Of the pair that is there; missing where there is none, or nobody can read it. */
  readonly facts?: SshKeyFacts
  /** A new pair, and whether its folder must be made. */
  readonly fresh?: { readonly order: KeyOrder; readonly folder: boolean; readonly pair: () => Promise<SshKeyPair> }
}

/** The pairs that were ordered by a task's parameters, made when they are written. */
const pairs = new WeakMap<object, Promise<SshKeyPair>>()

async function lookAtKey(host: Host, order: KeyOrder, entry: UserEntry | null, controller: Controller): Promise<Key> {
  const home = order.home ?? entry?.home ?? `/home/${order.name}`
  const path = posix.resolve(home, order.ssh_key_file ?? `.ssh/id_${order.ssh_key_type}`)
  const [there, line, folder, name] = await Promise.all([
    host.stat(path, { follow: true }),
    host.content(`${path}.pub`),
    host.stat(posix.dirname(path), { follow: true }),
    host.query('uname -n'),
  ])
  if (order.ssh_key_passphrase !== undefined) controller.secret(order.ssh_key_passphrase)
  const { inspectSshPublic, generateSshKey } = await pki()
  if (there) {
    try {
      return { path, ...(line === null ? {} : { facts: inspectSshPublic(line.toString('utf8')) }) }
    } catch (thrown) {
      // A kind of key that is not known here stays, and nothing is told of it.
      if (thrown instanceof Problem) return { path }
      throw thrown
    }
  }
  const pair = () => {
    const made =
      pairs.get(order) ??
      generateSshKey({
        type: order.ssh_key_type,
        comment: order.ssh_key_comment.replaceAll('$HOSTNAME', name.stdout.toString('utf8').trim()),
        ...(order.ssh_key_bits === undefined || order.ssh_key_type === 'ed25519' ? {} : { bits: order.ssh_key_bits }),
        ...(order.ssh_key_passphrase === undefined ? {} : { passphrase: order.ssh_key_passphrase }),
      }).then((one) => {
        controller.secret(one.privateKey)
        return one
      })
    pairs.set(order, made)
    return made
  }
  return { path, fresh: { order, folder: folder === null, pair } }
}

function keySteps(
  key: Key | undefined,
  owner: string,
  group: string | undefined,
): { steps: Step[]; changes: Change[] } {
  if (!key?.fresh) return { steps: [], changes: [] }
  const { path, fresh } = key
  const content = (what: string, of: (pair: SshKeyPair) => string): Content => ({
    make: async () => Buffer.from(of(await fresh.pair())),
    unknown: new Unknown(`a new ${what} SSH key, ${path}`, { fresh: true }),
  })
  const folder = posix.dirname(path)
  return {
    steps: [
      ...(fresh.folder ? [makeDirectory(folder, { mode: '0700', owner, group })] : []),
      write({ path, content: content('private', (pair) => pair.privateKey), mode: '0600', owner, group }),
      write({
        path: `${path}.pub`,
        content: content('public', (pair) => `${pair.publicLine}\n`),
        mode: '0644',
        owner,
        group,
      }),
    ],
    changes: [
      ...(fresh.folder ? [{ path: folder, after: 'folder' }] : []),
      { path, after: '(a new private SSH key)', secret: true },
      { path: `${path}.pub`, after: '(its public key)' },
    ],
  }
}

/** What nobody knows of a key that is not made yet. */
function laterKey(path: string): Record<string, unknown> {
  const later = (what: string) => new Unknown(`the ${what} of ${path}, which is not made yet`, { fresh: true })
  return { ssh_public_key: later('public key'), ssh_fingerprint: later('fingerprint') }
}

function keyResult(facts: SshKeyFacts | undefined): Record<string, unknown> {
  if (!facts) return {}
  const { bits, fingerprint, comment, type, publicLine } = facts
  return {
    ssh_public_key: publicLine,
    ssh_fingerprint: `${bits} ${fingerprint} ${comment} (${type.toUpperCase()})`,
  }
}
