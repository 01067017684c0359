import { posix } from 'node:path'
import {
  backupName,
  bytesOf,
  defineModule,
  defineRead,
  exec,
  lookAtPlace,
  type Place,
  type PlaceOptions,
  type Plan,
  Problem,
  planPlace,
  quote,
  remove,
  textOf,
} from 'tsplay'

interface Params {
  name: string
  user?: string | undefined
  job?: string | undefined
  cron_file?: string | undefined
  state: 'present' | 'absent'
  backup: boolean
  minute: string
  hour: string
  day: string
  month: string
  weekday: string
  special_time?: string | undefined
  disabled: boolean
  env: boolean
  insertafter?: string | undefined
  insertbefore?: string | undefined
}

const MARK = '#Ansible: '
const field = (description: string, aliases: readonly string[] = []) =>
  ({ type: 'string', format: 'line', default: '*', aliases, description }) as const

/** The text of a user's crontab, by the user's name (empty: whoever the task runs as); null: there is none. */
const crontab = defineRead<string, string | null>({
  name: 'crontab',
  key: (user) => user,
  items: (users) =>
    users.map(
      (user) => `command -v crontab >/dev/null 2>&1 || exit 44; crontab ${user === '' ? '' : `-u ${quote(user)} `}-l`,
    ),
  parse: (replies, users) =>
    users.map((user, index) => {
      const { status, stdout, stderr } = replies[index]!
      if (status === 0) return stdout.toString()
      if (status === 44)
        return new Problem('task-failed', 'This host has no command crontab.', {
          hint: 'Install its package cron first.',
        })
      // As Ansible: 1 says that there is none.
      if (status === 1 && !/must be privileged|unknown|not known|not allowed/.test(stderr.toString())) return null
      return new Problem(
        'task-failed',
        `The crontab of ${user === '' ? 'the user' : `"${user}"`} cannot be read: ${stderr.toString().trim()}`,
      )
    }),
})

interface State {
  readonly before: string | null
  readonly lines: string[]
  readonly changed: boolean
  /** Where a file of its own is written. */
  readonly placed?: { readonly place: Place; readonly options: PlaceOptions } | undefined
  readonly now: number
  readonly warnings: readonly string[]
}

export default defineModule({
  summary: 'Have commands run at certain times: lines of crontabs.',
  description: `A line is known by the comment "${MARK}name" above it, as Ansible writes it.`,
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        format: 'line',
        minLength: 1,
        description: 'What the line is called; with env, the variable.',
      },
      user: { type: 'string', format: 'line', description: 'Whose crontab; with cron_file, as whom the command runs.' },
      job: { type: 'string', aliases: ['value'], description: "The command; with env, the variable's value." },
      cron_file: { type: 'string', description: 'A file of /etc/cron.d (or a whole path) instead of a crontab.' },
      state: { enum: ['present', 'absent'], default: 'present' },
      backup: { type: 'boolean', default: false, description: 'Keep the old crontab, as backup_file says where.' },
      minute: field('0-59, */2, …'),
      hour: field('0-23, …'),
      day: field('Of the month: 1-31, …', ['dom']),
      month: field('1-12, …'),
      weekday: field('0-6, Sunday is 0, …', ['dow']),
      special_time: {
        enum: ['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly'],
        description: 'Instead of the times.',
      },
      disabled: { type: 'boolean', default: false, description: 'The line is commented out.' },
      env: { type: 'boolean', default: false, description: 'Set a variable for the lines below.' },
      insertafter: { type: 'string', format: 'line', description: 'With env: below this variable.' },
      insertbefore: { type: 'string', format: 'line', description: 'With env: above this variable.' },
    },
    required: ['name'],
    not: { required: ['insertafter', 'insertbefore'] },
    additionalProperties: false,
  },
  returns: { jobs: 'the names of all lines', envs: 'the names of all variables', cron_file: 'the file' },
  examples: [
    {
      title: 'Each night',
      given: '- apt: {name: cron}',
      yaml: `- cron:\n    name: compact etcd\n    minute: '15'\n    hour: '3'\n    job: /usr/local/bin/etcd-compact >/dev/null`,
    },
    {
      title: 'In a file of its own, with a variable',
      given: '- apt: {name: cron}',
      yaml: `- cron:\n    name: MAILTO\n    env: true\n    job: ops@example.org\n    cron_file: etcd\n    user: root\n- cron:\n    name: snapshot etcd\n    cron_file: etcd\n    user: root\n    special_time: daily\n    job: /usr/local/bin/etcd-snapshot`,
    },
  ],
  check: (given) => void demand(given as Params),
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    const warnings = demand(params)
    const path = params.cron_file === undefined ? undefined : posix.resolve('/etc/cron.d', params.cron_file)
    const [before, now] = await Promise.all([
      path === undefined
        ? host.read(crontab, params.user ?? '')
        : host.content(path).then((content) => content && textOf(content)),
      params.backup ? host.query('date +%s').then(({ stdout }) => Number(stdout.toString())) : 0,
    ])
    const { lines, changed } = edit(before ?? '', params)
    const options =
      path === undefined ? undefined : { dest: path, content: bytesOf(textOfLines(lines)), backup: params.backup }
    const placed = options && { options, place: await lookAtPlace(host, options, controller.checking) }
    return { before, lines, changed, placed, now, warnings }
  },
  plan({ before, lines, changed, placed, now, warnings }, given): Plan {
    const params = given as Params
    const result = {
      jobs: lines.filter((line) => line.startsWith(MARK)).map((line) => line.slice(MARK.length)),
      envs: lines.flatMap((line) => /^(\S+?)=/.exec(line)?.[1] ?? []),
      ...(params.cron_file === undefined ? {} : { cron_file: params.cron_file }),
    }
    if (!changed) return { warnings, result }
    const after = textOfLines(lines)
    if (placed) {
      const { path } = placed.place
      if (params.state === 'absent' && !params.env && after.trim() === '')
        return { warnings, changes: [{ path, before: before ?? '' }], steps: [remove(path)], result }
      const { result: more, ...plan } = planPlace(placed.place, placed.options)
      return { ...plan, warnings: [...warnings, ...plan.warnings], result: { ...more, ...result } }
    }
    const whose = params.user === undefined ? 'the crontab' : `the crontab of ${params.user}`
    const backup = params.backup && before !== null ? backupName('/tmp/crontab', new Date(now * 1000), 0) : undefined
    // -C: through no link that somebody put there.
    const keep = backup === undefined ? '' : `( umask 077; set -C; ${command(params)} -l >${quote(backup)} ) && `
    return {
      warnings,
      changes: [{ path: whose, ...(before === null ? {} : { before }), after }],
      steps: [
        exec({
          show: `write ${whose}`,
          script: `${keep}${command(params)} "$1"`,
          send: bytesOf(after),
          effects: [{ read: crontab.name, key: params.user ?? '', gives: after }],
        }),
      ],
      result: backup === undefined ? result : { ...result, backup_file: backup },
    }
  },
})

const command = ({ user }: Params): string => (user === undefined ? 'crontab' : `crontab -u ${quote(user)}`)

/** What the schema cannot say. Throws bad-parameter; gives warnings. */
function demand(params: Params): string[] {
  const refuse = (message: string, hint?: string) =>
    new Problem('bad-parameter', message, hint === undefined ? {} : { hint })
  const times = [params.minute, params.hour, params.day, params.month, params.weekday]
  if (params.special_time !== undefined && times.some((time) => time !== '*'))
    throw refuse('"cron" takes either the times or "special_time".')
  if (params.cron_file === '/etc/crontab')
    throw refuse('/etc/crontab is the system\'s own; it is not for "cron_file".', 'Name a file of /etc/cron.d.')
  if (params.env && params.name.includes(' ')) throw refuse(`"${params.name}" cannot be a variable's name.`)
  if (params.state === 'present') {
    if (params.job === undefined) throw refuse('"cron" needs "job" with the state "present".')
    if (/[\r\n]/.test(params.job.replace(/^[\r\n]+|[\r\n]+$/g, '')))
      throw refuse(
        '"job" goes over several lines, which cron cannot read.',
        'Put it into a script, or join it with ";".',
      )
    if (params.cron_file !== undefined && params.user === undefined)
      throw refuse('"cron" needs "user" beside "cron_file": as whom the command runs.')
    if (!params.env && (params.insertafter ?? params.insertbefore) !== undefined)
      throw refuse('"insertafter" and "insertbefore" are for variables: set "env: true".')
  }
  return params.cron_file !== undefined && !/^[\w-]+$/.test(posix.basename(params.cron_file))
    ? [`cron does not read files whose names have other signs than letters, digits, _ and -: ${params.cron_file}`]
    : []
}

function edit(before: string, params: Params): { lines: string[]; changed: boolean } {
  const lines = before === '' ? [] : before.replace(/\r?\n$/, '').split(/\r?\n/)
  // crontab puts up to three lines on top that it makes anew each time.
  for (let count = 0; count < 3; count++)
    if (/^# (DO NOT EDIT THIS FILE|\(.*(installed on|version))/.test(lines[0] ?? '')) lines.shift()
  const own = textOfLines(lines)
  const after = params.env ? editVariable(lines, params) : editJob(lines, params)
  const unended = before !== '' && !/[\r\n]$/.test(before)
  return { lines: after, changed: textOfLines(after) !== own || unended }
}

function editVariable(lines: readonly string[], params: Params): string[] {
  const isOf = (name: string) => (line: string) => line.startsWith(`${name}=`)
  const declared = `${params.name}="${params.job}"`
  const at = lines.findIndex(isOf(params.name))
  if (params.state === 'absent') return lines.filter((line) => !isOf(params.name)(line))
  if (at >= 0)
    return lines[at] === declared ? [...lines] : lines.map((line) => (isOf(params.name)(line) ? declared : line))
  const beside = params.insertafter ?? params.insertbefore
  if (beside === undefined) return [declared, ...lines]
  const anchor = lines.findIndex(isOf(beside))
  if (anchor < 0) throw new Problem('task-failed', `Variable named '${beside}' not found.`)
  return lines.toSpliced(params.insertafter === undefined ? anchor : anchor + 1, 0, declared)
}

function editJob(lines: readonly string[], params: Params): string[] {
  const mark = MARK + params.name
  const job = params.state === 'present' ? [jobLine(params)] : []
  const known = lines.some((line, index) => line === mark && index + 1 < lines.length)
  if (known)
    return lines.flatMap((line, index) =>
      line === mark ? (job.length > 0 ? [mark] : []) : lines[index - 1] === mark ? job : [line],
    )
  if (job.length === 0) return [...lines]
  // The very line without its comment, from somebody's own hand.
  const at = lines.indexOf(job[0]!)
  if (at >= 0 && !lines[at - 1]?.startsWith(MARK)) return lines.toSpliced(at, 0, mark)
  return [...lines, mark, ...job]
}

function jobLine(params: Params): string {
  const { minute, hour, day, month, weekday, special_time: special, disabled } = params
  const time = special === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${special}`
  const user = params.cron_file === undefined ? '' : ` ${params.user}`
  return `${disabled ? '#' : ''}${time}${user} ${params.job!.replace(/^[\r\n]+|[\r\n]+$/g, '')}`
}

const textOfLines = (lines: readonly string[]): string => {
  const text = lines.join('\n').replace(/[\r\n]+$/, '')
  return text === '' ? '' : `${text}\n`
}
