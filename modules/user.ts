import {
  accountTools,
  addUser,
  type BusyboxChange,
  type Change,
  changeWithBusybox,
  defineModule,
  type Effect,
  exec,
  quote,
  removeUser,
  type Step,
  shadowEntry,
  type UserEntry,
  userEntry,
} from 'tsplay'

const DAY = 86_400

interface Account extends UserEntry {
  /** Groups beside the primary one. */
  readonly groups: readonly string[]
  readonly primary: string
  /** Fields of /etc/shadow; missing when it may not be read. */
  readonly hash?: string
  readonly expires?: string
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
  },
  examples: [
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
  async probe(host, params) {
    const word = quote(params.name)
    const wanted =
      params.state === 'absent' ? [] : [...(params.group === undefined ? [] : [params.group]), ...(params.groups ?? [])]
    const [entry, tools, more, shadow, namesake, ...groups] = await Promise.all([
      host.read(userEntry, params.name),
      accountTools(host),
      host.query(`id -gn -- ${word} 2>/dev/null; echo --; id -Gn -- ${word} 2>/dev/null; :`),
      host.read(shadowEntry, params.name),
      host.group(params.name),
      ...wanted.map((name) => host.group(name)),
    ])
    const missing = wanted.filter((_, index) => groups[index] === null)
    const [primary = '', all = ''] = more.stdout
      .toString('utf8')
      .split('--\n')
      .map((part) => part.trim())
    const account: Account | null = entry && {
      ...entry,
      primary,
      groups: all.split(' ').filter((name) => name !== '' && name !== primary),
      ...shadow,
    }
    const gid = params.group === undefined ? undefined : groups[0]?.gid
    return { account, tools, missing, namesake: namesake !== null, gid }
  },
  plan({ account, tools, missing, namesake, gid }, params) {
    const { name } = params
    const result = {
      name,
      state: params.state,
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
      ]
      const script = removeUser(tools, name, { files: params.remove, force: params.force })
      return {
        changes: [{ path: `user ${name}`, before: account.uid }],
        steps: [exec({ show: `remove user ${name}`, script, effects })],
        result: { ...result, remove: params.remove },
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
      if (tools === 'busybox' && (params.non_unique || days))
        return { failed: `busybox cannot add ${name} with ${days ? '"expires"' : '"non_unique"'}.`, hint: SHADOW }
      const home = params.home ?? `/home/${name}`
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
      }
      changes.push({ path: `user ${name}`, after: params.uid ?? 'present' })
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
            { forgets: 'group' },
            { forgets: 'query' },
          ],
        }),
      )
    }
    if (setsPassword) {
      changes.push({ path: `user ${name} password`, before: 'another', after: 'as given', secret: true })
      steps.push(setPassword(name, params.password_lock ? locked(params.password!) : params.password!, ends))
    }
    return { changes, steps, result }
  },
  async after(host, _plan, _replies, params) {
    const there = params.state === 'present' ? await host.user(params.name) : null
    return there ? { uid: there.uid, group: there.gid, home: there.home, shell: there.shell, comment: there.gecos } : {}
  },
})

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
