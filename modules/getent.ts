import { defineModule, type Host, quote, TouchedUnknown, Unknown } from 'tsplay'

/** Databases whose lines have colons between their fields. */
const COLONS = ['passwd', 'shadow', 'group', 'gshadow']
const FAILURES: Readonly<Record<number, string>> = {
  1: 'Missing arguments, or database unknown.',
  2: 'One or more supplied key could not be found in the database.',
  3: 'Enumeration not supported on this database.',
}

interface Params {
  database: string
  key?: string | undefined
  service?: string | undefined
  split?: string | undefined
  fail_key: boolean
}

export default defineModule({
  summary: "Look something up in the host's databases: passwd, group, hosts, services, …",
  description: 'What is found is in the fact getent_DATABASE: by the first field, the list of the others.',
  params: {
    type: 'object',
    properties: {
      database: { type: 'string', minLength: 1, description: 'passwd, group, hosts, services, …' },
      key: { type: 'string', description: 'What to look for; none: everything.' },
      service: { type: 'string', description: 'The source to ask, as in nsswitch.conf.' },
      split: {
        type: 'string',
        description: 'What is between the fields. Default: a colon or blanks, as the database has.',
      },
      fail_key: { type: 'boolean', default: true, description: 'Fail when the key is not found.' },
    },
    required: ['database'],
    additionalProperties: false,
  },
  returns: { ansible_facts: 'getent_DATABASE: a map of lists' },
  examples: [
    {
      title: "Root's home",
      yaml: `- getent: {database: passwd, key: root}\n- assert:\n    that: getent_passwd.root[4] == "/root"`,
    },
    {
      title: 'Is there such a group',
      yaml: `- getent: {database: group, key: no-such-group, fail_key: false}\n- assert:\n    that: getent_group["no-such-group"] == null`,
    },
  ],
  async probe(host, given): Promise<{ status: number; out: string }> {
    const params = given as Params
    const account = await predictedAccount(host, params)
    if (account) return account
    const words = ['getent', params.database, ...(params.key === undefined ? [] : [params.key])]
    const service = params.service === undefined ? '' : ` -s ${quote(params.service)}`
    const { status, stdout } = await host.query(`${words.map(quote).join(' ')}${service} 2>/dev/null`)
    return { status, out: stdout.toString() }
  },
  plan({ status, out }, given) {
    const { database, key, fail_key, split } = given as Params
    const fact = `getent_${database}`
    if (status === 127)
      return { failed: 'This host has no command getent.', hint: 'It comes with glibc (package libc-bin).' }
    const msg = FAILURES[status] ?? 'Unexpected failure!'
    if (status === 2 && !fail_key && key !== undefined)
      return { result: { ansible_facts: { [fact]: { [key]: null } }, msg } }
    if (status === 2 && key !== undefined)
      return {
        failed: msg,
        hint: `There is no "${key}" in ${database}. With "fail_key: false" that is no failure.`,
      }
    if (status !== 0) return { failed: msg }
    const between = split ?? (COLONS.includes(database) ? ':' : /\s+/)
    const found: Record<string, unknown[]> = {}
    const times: Record<string, number> = {}
    for (const line of out.split('\n').filter(Boolean)) {
      const [name = '', ...rest] = (typeof between === 'string' ? line : line.trim()).split(between)
      times[name] = (times[name] ?? 0) + 1
      // Names that come twice have a list of lists.
      if (times[name] === 1) found[name] = rest
      else found[name] = times[name] === 2 ? [found[name], rest] : [...found[name]!, rest]
    }
    return { result: { ansible_facts: { [fact]: found } } }
  },
})

/** Accounts are asked for as other modules do it, so that a dry run sees those that it would have made. */
async function predictedAccount(host: Host, params: Params): Promise<{ status: number; out: string } | undefined> {
  const { database, key, service } = params
  if (key === undefined || service !== undefined) return undefined
  if (database === 'passwd') {
    const user = await host.user(key)
    if (!user) return { status: 2, out: '' }
    return line(database, key, [user.name, 'x', user.uid, user.gid, user.gecos, user.home, user.shell])
  }
  if (database !== 'group') return undefined
  const group = await host.group(key)
  if (!group) return { status: 2, out: '' }
  return line(database, key, [group.name, 'x', group.gid, group.members.join(',')])
}

function line(database: string, key: string, fields: readonly unknown[]): { status: number; out: string } {
  if (fields.includes(undefined)) throw new TouchedUnknown(new Unknown(`the ${database} entry of ${key}`))
  return { status: 0, out: fields.join(':') }
}
