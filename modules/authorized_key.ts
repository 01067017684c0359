import { posix } from 'node:path'
import {
  bytesOf,
  type Change,
  defineModule,
  differingAttributes,
  isUnknown,
  makeDirectory,
  type Step,
  setAttributes,
  textOf,
  Unknown,
  write,
} from 'tsplay'

const TYPES =
  /^(ssh-(rsa|dss|ed25519|xmss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com|ssh-(rsa|ed25519)-cert-v01@openssh\.com)$/

interface Key {
  readonly options: string
  readonly type: string
  readonly blob: string
  readonly comment: string
}

export default defineModule({
  summary: 'Say which SSH keys may log in as a user.',
  params: {
    type: 'object',
    properties: {
      user: { type: 'string', minLength: 1, description: 'Whose logins; must exist.' },
      key: { type: 'string', minLength: 1, description: 'Public keys, one a line, as in the .pub files.' },
      state: { enum: ['present', 'absent'], default: 'present' },
      exclusive: { type: 'boolean', default: false, description: 'No other key than those given.' },
      path: { type: 'string', format: 'path', description: 'Default: ~/.ssh/authorized_keys of the user.' },
      manage_dir: { type: 'boolean', default: true, description: 'Make the folder and set its owner and mode.' },
      key_options: { type: 'string', format: 'line', description: 'Options before the key, `from="192.168.1.0/24"`.' },
      comment: { type: 'string', format: 'line', description: 'Instead of the comment of the key.' },
      follow: { type: 'boolean', default: false, description: 'Write through a link.' },
      validate_certs: {
        type: 'boolean',
        default: true,
        description: 'Accepted for Ansible playbooks; keys are never downloaded.',
      },
    },
    required: ['user', 'key'],
    additionalProperties: false,
  },
  returns: {
    keyfile: 'the file',
    user: 'the user',
    key: 'as asked',
    key_options: 'as asked',
    exclusive: 'as asked',
    manage_dir: 'as asked',
    path: 'as asked',
    state: 'as asked',
    validate_certs: 'as asked',
  },
  examples: [
    {
      title: 'One key, and no other',
      yaml: '- authorized_key:\n    user: keeper\n    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnM3tJsvPZUGRoCXxRkrSgMPGmS8rVMUwGmbNqlAYZT ops\n    exclusive: true',
      given: '- user: {name: keeper}',
    },
  ],
  async foreseeNew(host, params) {
    if (params.state !== 'present' || [params.user, params.path].some(isUnknown)) return undefined
    const account = await host.user(params.user)
    if (!account) return undefined
    const path = params.path ?? posix.join(account.home, '.ssh', 'authorized_keys')
    const [text, folder] = await Promise.all([host.content(path), host.stat(posix.dirname(path), { follow: true })])
    const content = new Unknown('a key that is not made yet', { fresh: true })
    const before = text === null ? {} : { before: textOf(text) }
    return {
      changes: [
        ...(folder ? [] : [{ path: posix.dirname(path), after: 'folder' }]),
        { path, ...before, after: `${text === null ? '' : textOf(text)}(a key that is not made yet)\n` },
      ],
      effects: [{ file: { path, type: 'file', content } }],
    }
  },
  contained: true,
  async probe(host, params) {
    const account = await host.user(params.user)
    if (!account) return { account, path: '', text: null, folder: null, target: null }
    const path = params.path ?? posix.join(account.home, '.ssh', 'authorized_keys')
    const [text, folder, own] = await Promise.all([
      host.content(path),
      host.stat(posix.dirname(path), { follow: true }),
      host.stat(path),
    ])
    return {
      account,
      path,
      text: text === null ? null : textOf(text),
      folder,
      target: own?.type === 'link' ? (own.target ?? null) : null,
    }
  },
  plan({ account, path, text, folder, target }, params) {
    if (!account)
      return { failed: `This host has no user "${params.user}".`, hint: 'Add it with the module "user" first.' }
    const given: Key[] = []
    for (const line of params.key
      .split('\n')
      .map((one) => one.trim())
      .filter((one) => one !== '' && !one.startsWith('#'))) {
      const key = parse(line)
      if (!key)
        return {
          failed: `This is no public SSH key: ${line.slice(0, 40)}${line.length > 40 ? '…' : ''}`,
          hint: 'Give the text of a .pub file; to read one of the controller, use lookup helpers or vars_files.',
        }
      given.push({
        ...key,
        ...(params.key_options === undefined ? {} : { options: params.key_options }),
        ...(params.comment === undefined ? {} : { comment: params.comment }),
      })
    }
    const lines = text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n')
    const same = (line: string, key: Key) => parse(line)?.blob === key.blob
    let after = [...lines]
    if (params.state === 'absent') after = after.filter((line) => !given.some((key) => same(line, key)))
    else {
      for (const key of given) {
        const there = after.map(parse).find((one) => one?.blob === key.blob)
        if (there && alike(there, key)) continue
        // As with Ansible: what is said of a key is all that holds for it, and it stands last.
        after = [...after.filter((line) => !same(line, key)), show(key)]
      }
      if (params.exclusive) after = after.filter((line) => given.some((key) => same(line, key)))
    }
    const result = {
      user: params.user,
      keyfile: path,
      key: params.key,
      key_options: params.key_options ?? null,
      exclusive: params.exclusive,
      manage_dir: params.manage_dir,
      path: params.path ?? null,
      state: params.state,
      follow: params.follow,
      validate_certs: params.validate_certs,
    }
    const body = after.length === 0 ? '' : `${after.join('\n')}\n`
    const steps: Step[] = []
    const changes: Change[] = []
    if (after.join('\n') === lines.join('\n')) return { result }
    const owner = String(account.uid ?? account.name)
    const group = account.gid === undefined ? undefined : String(account.gid)
    const whose = { owner: account.uid === undefined ? account.name : owner, group }
    if (!folder) {
      if (!params.manage_dir)
        return {
          failed: `The folder ${posix.dirname(path)} does not exist.`,
          hint: 'With "manage_dir: true" it is made.',
        }
      changes.push({ path: posix.dirname(path), after: 'folder' })
      steps.push(makeDirectory(posix.dirname(path), { mode: '0700', ...whose }, { label: 'policy' }))
    } else if (params.manage_dir) {
      const { set, changes: opened } = differingAttributes(posix.dirname(path), folder, { mode: '0700', ...whose })
      if (set) steps.push(setAttributes(posix.dirname(path), set))
      changes.push(...opened)
    }
    changes.push({ path, ...(text === null ? {} : { before: text }), after: body })
    const through = params.follow && target !== null ? posix.resolve(posix.dirname(path), target) : path
    steps.push(write({ path: through, content: bytesOf(body), mode: '0600', ...whose }))
    return { changes, steps, result }
  },
})

/** A line of authorized_keys; undefined for what is none. Blanks inside quotes belong to the options. */
function parse(line: string): Key | undefined {
  const words = line.trim().match(/(?:[^\s"]|"(?:\\.|[^"\\])*")+/g) ?? []
  const at = words.findIndex((word) => TYPES.test(word))
  if (line.trim().startsWith('#') || at < 0 || at > 1 || !/^[A-Za-z0-9+/]+=*$/.test(words[at + 1] ?? ''))
    return undefined
  return {
    options: at === 1 ? words[0]! : '',
    type: words[at]!,
    blob: words[at + 1]!,
    comment: words.slice(at + 2).join(' '),
  }
}

/** The same but for the order of options. */
function alike(one: Key, two: Key): boolean {
  const options = (key: Key) => (key.options.match(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g) ?? []).sort().join(',')
  return one.type === two.type && one.comment === two.comment && options(one) === options(two)
}

function show(key: Key): string {
  return [key.options, key.type, key.blob, key.comment].filter(Boolean).join(' ')
}
