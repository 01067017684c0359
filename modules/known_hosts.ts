import { createHmac, randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { bytesOf, type Change, defineModule, makeDirectory, type Step, textOf, write } from 'tsplay'

export default defineModule({
  summary: 'Keep the SSH host keys that a user of the host knows.',
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        format: 'line',
        minLength: 1,
        aliases: ['host'],
        description: 'The host; `[host]:2222` for another port.',
      },
      key: {
        type: 'string',
        description:
          "The host's public keys, one a line, with or without names before them. Needed with state present.",
      },
      path: {
        type: 'string',
        default: '~/.ssh/known_hosts',
        description: 'The file; ~ is the home of the user who logs in (or is become).',
      },
      hash_host: { type: 'boolean', default: false, description: 'Write the name so that it cannot be read.' },
      state: { enum: ['present', 'absent'], default: 'present' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: { name: 'the host', path: 'the file' },
  examples: [
    {
      title: 'A host known to everybody',
      yaml: '- known_hosts:\n    path: /etc/ssh/ssh_known_hosts\n    name: k8s-master-2\n    key: k8s-master-2,192.168.1.28 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnM3tJsvPZUGRoCXxRkrSgMPGmS8rVMUwGmbNqlAYZT',
    },
  ],
  contained: true,
  async probe(host, params) {
    const given = params.path
    const home = given.startsWith('~/') ? (await host.query('printf %s "$HOME"')).stdout.toString('utf8') : ''
    const path = given.startsWith('~/') ? posix.join(home, given.slice(2)) : given
    const [text, folder] = await Promise.all([host.content(path), host.type(posix.dirname(path))])
    return {
      path,
      text: text === null ? null : textOf(text),
      folder: folder !== null,
      salt: randomBytes(20).toString('base64'),
    }
  },
  plan({ path, text, folder, salt }, params) {
    const name = params.name.toLowerCase()
    const given: { names: string; type: string; blob: string }[] = []
    for (const line of (params.key ?? '')
      .split('\n')
      .map((one) => one.trim())
      .filter((one) => one !== '' && !one.startsWith('#'))) {
      const words = line.split(/\s+/)
      const at = words.findIndex((word) => /^(ssh-|ecdsa-|sk-)/.test(word))
      if (at < 0 || at > 1 || words[at + 1] === undefined)
        return { failed: `This is no host key: ${line.slice(0, 60)}`, hint: 'Give lines as ssh-keyscan prints them.' }
      const names = at === 1 ? words[0]! : name
      if (!matches(names, name))
        return {
          failed: `The key is for ${names}, not for ${params.name}.`,
          hint: 'Name and key must be of the same host.',
        }
      given.push({ names, type: words[at]!, blob: words[at + 1]! })
    }
    if (params.state === 'present' && given.length === 0)
      return { failed: 'known_hosts needs "key" with state present.' }
    const lines = text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n')
    const result = { name: params.name, path, state: params.state, hash_host: params.hash_host }
    let after = lines
    if (params.state === 'absent')
      after = lines.filter(
        (line) => !belongs(line, name) || (given.length > 0 && !given.some((key) => key.blob === fieldsOf(line).blob)),
      )
    else {
      for (const key of given) {
        const known = after.some(
          (line) => belongs(line, name) && fieldsOf(line).type === key.type && fieldsOf(line).blob === key.blob,
        )
        if (known) continue
        // An old key of the same type is no longer true.
        after = after.filter((line) => !belongs(line, name) || fieldsOf(line).type !== key.type)
        after = [...after, `${params.hash_host ? hashed(name, salt) : key.names} ${key.type} ${key.blob}`]
      }
    }
    if (after.join('\n') === lines.join('\n')) return { result }
    const body = after.length === 0 ? '' : `${after.join('\n')}\n`
    const steps: Step[] = []
    const changes: Change[] = []
    if (!folder) {
      changes.push({ path: posix.dirname(path), after: 'folder' })
      steps.push(makeDirectory(posix.dirname(path), { mode: '0700' }))
    }
    changes.push({ path, ...(text === null ? {} : { before: text }), after: body })
    steps.push(write({ path, content: bytesOf(body), ...(text === null ? { mode: '0644' } : {}) }))
    return { changes, steps, result }
  },
})

function fieldsOf(line: string): { names: string; type: string; blob: string } {
  const words = line.trim().split(/\s+/)
  const at = words[0]?.startsWith('@') ? 1 : 0
  return { names: words[at] ?? '', type: words[at + 1] ?? '', blob: words[at + 2] ?? '' }
}

/** Whether a line is about a host; revoked keys and authorities stay what they are. */
function belongs(line: string, name: string): boolean {
  const text = line.trim()
  return text !== '' && !text.startsWith('#') && !text.startsWith('@') && matches(fieldsOf(text).names, name)
}

function matches(names: string, name: string): boolean {
  if (names.startsWith('|1|')) {
    const [, , salt = '', digest = ''] = names.split('|')
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === digest
  }
  return names.toLowerCase().split(',').includes(name)
}

function hashed(name: string, salt: string): string {
  return `|1|${salt}|${createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64')}`
}
