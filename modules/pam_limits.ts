import { posix } from 'node:path'
import { backupName, bytesOf, defineModule, textOf, write } from 'tsplay'

const ENDLESS = ['unlimited', 'infinity', '-1']

export default defineModule({
  summary: 'Set limits of users (open files, processes, locked memory).',
  params: {
    type: 'object',
    properties: {
      domain: {
        type: 'string',
        pattern: '^\\S+$',
        description: 'A user, `@group`, `*` for all, or a range of numbers.',
      },
      limit_type: { enum: ['hard', 'soft', '-'], description: '`-` is both.' },
      limit_item: {
        enum: [
          'core',
          'data',
          'fsize',
          'memlock',
          'nofile',
          'rss',
          'stack',
          'cpu',
          'nproc',
          'as',
          'maxlogins',
          'maxsyslogins',
          'priority',
          'locks',
          'sigpending',
          'msgqueue',
          'nice',
          'rtprio',
          'chroot',
          'nonewprivs',
        ],
      },
      value: {
        type: 'string',
        pattern: '^(-?[0-9]+|unlimited|infinity)$',
        description: 'A number, or unlimited, infinity, -1.',
      },
      use_max: { type: 'boolean', default: false, description: 'Keep a larger value that is there.' },
      use_min: { type: 'boolean', default: false, description: 'Keep a smaller value that is there.' },
      dest: { type: 'string', format: 'path', default: '/etc/security/limits.conf' },
      comment: { type: 'string', default: '', pattern: '^[^\\n]*$' },
      backup: { type: 'boolean', default: false },
    },
    required: ['domain', 'limit_type', 'limit_item', 'value'],
    not: { properties: { use_max: { const: true }, use_min: { const: true } }, required: ['use_max', 'use_min'] },
    additionalProperties: false,
  },
  returns: { dest: 'the file', msg: 'the line' },
  examples: [
    {
      title: 'Open files for everybody',
      yaml: "- pam_limits:\n    domain: '*'\n    limit_type: soft\n    limit_item: nofile\n    value: 655360",
    },
  ],
  contained: true,
  async probe(host, params) {
    const folder = posix.dirname(params.dest)
    const [content, identity, above] = await Promise.all([
      host.content(params.dest),
      params.backup ? host.query('date +%s') : null,
      host.type(folder),
    ])
    return {
      missing: above === null ? folder : undefined,
      text: content === null ? null : textOf(content),
      now: identity === null ? 0 : Number(identity.stdout.toString('utf8')),
    }
  },
  plan({ text, now, missing }, params) {
    if (missing !== undefined)
      return { failed: `The folder ${missing} is not there.`, hint: 'Limits are read by PAM; this host may have none.' }
    const lines = text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n')
    const after: string[] = []
    let message = ''
    for (const line of lines) {
      const [domain, type, item, old = ''] = line.replace(/#.*/, '').trim().split(/\s+/)
      if (domain !== params.domain || type !== params.limit_type || item !== params.limit_item) {
        after.push(line)
        continue
      }
      const value = chosen(old, params)
      const keeps = value === old || (ENDLESS.includes(value) && ENDLESS.includes(old))
      // Without a comment given, the line keeps its own.
      const comment = params.comment || (/#(.*)/.exec(line)?.[1] ?? '')
      after.push(keeps ? line : lineOf({ ...params, comment }, value))
      message = after.at(-1)!
    }
    if (message === '') {
      message = lineOf(params, params.value)
      after.push(message)
    }
    const result = { dest: params.dest, msg: `${message}\n` }
    if (after.join('\n') === lines.join('\n')) return { result }
    const body = `${after.join('\n')}\n`
    const backup = params.backup && text !== null ? backupName(params.dest, new Date(now * 1000), 0) : undefined
    return {
      changes: [{ path: params.dest, ...(text === null ? {} : { before: text }), after: body }],
      steps: [write({ path: params.dest, content: bytesOf(body), ...(text === null ? { mode: '0644' } : {}), backup })],
      result: backup === undefined ? result : { ...result, backup_file: backup },
    }
  },
})

interface Limit {
  readonly domain: string
  readonly limit_type: string
  readonly limit_item: string
  readonly value: string
  readonly comment: string
  readonly use_max: boolean
  readonly use_min: boolean
}

function lineOf(limit: Limit, value: string): string {
  return `${limit.domain}\t${limit.limit_type}\t${limit.limit_item}\t${value}${limit.comment === '' ? '' : `\t#${limit.comment}`}`
}

function chosen(old: string, limit: Limit): string {
  const size = (value: string) => (ENDLESS.includes(value) ? Number.POSITIVE_INFINITY : Number(value))
  if (limit.use_max) return size(old) > size(limit.value) ? old : limit.value
  if (limit.use_min) return size(old) < size(limit.value) ? old : limit.value
  return limit.value
}
