import { posix } from 'node:path'
import {
  ancestors,
  attributeParams,
  attributeResult,
  type Change,
  defineModule,
  differingAttributes,
  exec,
  type Host,
  type Identity,
  identity,
  listing,
  makeFirst,
  makeHardLink,
  makeLink,
  makeOwnDirectory,
  nameable,
  newAttributes,
  type Plan,
  Problem,
  quote,
  realPath,
  remove,
  type Stat,
  type Step,
  setAttributes,
  type TreeEntry,
  touch,
  tree,
  unknownAccount,
  type WantedAttributes,
  withAttributes,
} from 'tsplay'

type State = 'absent' | 'directory' | 'file' | 'hard' | 'link' | 'touch'

interface Params extends WantedAttributes {
  path: string
  state?: State | undefined
  src?: string | undefined
  recurse: boolean
  force: boolean
  follow: boolean
  modification_time?: string | undefined
  access_time?: string | undefined
  modification_time_format: string
  access_time_format: string
}

interface Seen {
  /** As given, or where the link leads when links are followed. */
  path: string
  real: string
  own: Stat | null
  target: Stat | null
  /** What src names: for a link, seen from where the link is. */
  source: Stat | null
  above: { path: string; type: Stat['type'] | null }[]
  below: TreeEntry[]
  emptyFolder: boolean
  me: Identity
  failed?: string
  warnings: string[]
}

export default defineModule({
  summary: 'Make files, folders and links be there, or not, with mode and owner.',
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'name'], description: 'What it is about.' },
      state: {
        enum: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
        description:
          'absent: gone, with all below it. directory: a folder, and those above it. file: attributes only, it must be there. link, hard: points to src. ' +
          'touch: there, with a new time. Default: what is there, else directory with recurse, else file.',
      },
      src: { type: 'string', description: 'What a link points to.' },
      ...attributeParams,
      recurse: { type: 'boolean', default: false, description: 'Mode and owner for all that is in the folder too.' },
      force: {
        type: 'boolean',
        default: false,
        description: 'Link to what is not there (yet), and in place of a file or an empty folder.',
      },
      follow: {
        type: 'boolean',
        default: true,
        description: 'Mode and owner of what a link points to, not of the link.',
      },
      modification_time: {
        type: 'string',
        description: 'now, preserve, or YYYYMMDDhhmm.ss. Default: now for touch, else preserve.',
      },
      modification_time_format: {
        type: 'string',
        default: '%Y%m%d%H%M.%S',
        description: 'How modification_time is written, as strftime has it: %Y %y %m %d %j %H %M %S and plain text.',
      },
      access_time: { type: 'string', description: 'As modification_time.' },
      access_time_format: { type: 'string', default: '%Y%m%d%H%M.%S', description: 'How access_time is written.' },
    },
    required: ['path'],
    additionalProperties: false,
  },
  returns: {
    path: 'what it is about',
    dest: 'the same, for links',
    state: 'what is there now',
    mode: 'as it is now',
    owner: 'as it is now',
  },
  examples: [
    { title: 'A folder', yaml: `- file:\n    path: /opt/tsplay/data\n    state: directory\n    mode: "0750"` },
    {
      title: 'A link',
      given: `- copy: {dest: /tmp/tsplay-v1, content: ""}`,
      yaml: `- file:\n    path: /tmp/tsplay-current\n    src: /tmp/tsplay-v1\n    state: link`,
    },
    {
      title: 'Something gone',
      given: `- copy: {dest: /tmp/tsplay-old, content: ""}`,
      yaml: `- file:\n    path: /tmp/tsplay-old\n    state: absent`,
    },
  ],
  // Times are of the moment, and what another name has in it is not foretold.
  contained: ({ state, modification_time, access_time }) =>
    state !== 'touch' && state !== 'hard' && modification_time === undefined && access_time === undefined,
  async probe(host, given, controller) {
    const params = withTimes(given as Params)
    const path = params.path.length > 1 ? params.path.replace(/\/+$/, '') : params.path
    const seen = await look(host, { ...params, path })
    const state = stateOf(params, seen)
    const recursive = state === 'directory' && params.recurse && seen.target?.type === 'directory'
    const different = seen.target ? differingAttributes(path, seen.target, params).set !== undefined : true
    const [below, names, account] = await Promise.all([
      recursive ? host.read(tree, { path: seen.real }) : [],
      state === 'link' && seen.own?.type === 'directory' ? host.read(listing, path) : [],
      state !== 'absent' && (different || recursive) ? unknownAccount(host, params) : undefined,
    ])
    const warnings = account !== undefined && controller.checking ? [`${account} It must exist by then.`] : []
    const failed = account !== undefined && !controller.checking ? { failed: account } : {}
    return {
      ...seen,
      below: [...nameable(path, below ?? [])],
      emptyFolder: (names ?? []).length === 0,
      warnings,
      ...failed,
    } satisfies Seen
  },
  marks({ result = {} }, seen, { follow }) {
    if (result['state'] === 'absent') return []
    const path = seen.own?.type === 'link' && follow && seen.target ? seen.real : seen.path
    return [path, ...seen.below.map((entry) => posix.join(seen.real, entry.relative))]
  },
  plan(seen, given): Plan {
    const params = { ...withTimes(given as Params), path: seen.path }
    const state = stateOf(params, seen)
    if (params.recurse && state !== 'directory') return { failed: 'recurse needs the state "directory".' }
    if (params.src !== undefined && state !== 'link' && state !== 'hard')
      return { failed: 'src needs the state "link" or "hard".' }
    if (seen.failed !== undefined) return { failed: seen.failed }
    const plan = planners[state](seen, params)
    return plan.failed === undefined
      ? { ...plan, warnings: seen.warnings, ...(state === 'touch' ? { repeats: true } : {}) }
      : plan
  },
  async after(host, { result = {} }) {
    const there = await host.stat(String(result['path'] ?? result['dest']))
    return there ? attributeResult(there) : {}
  },
})

async function look(host: Host, params: Params): Promise<Seen> {
  const { path, src } = params
  const folder = posix.dirname(path)
  const [own, target, real, me, source, fromWithin, ...above] = await Promise.all([
    host.stat(path),
    host.stat(path, { follow: true }),
    host.read(realPath, path),
    host.read(identity, ''),
    src === undefined ? null : host.stat(params.state === 'hard' ? src : posix.resolve(folder, src), { follow: true }),
    src === undefined || params.state === 'hard' ? null : host.stat(posix.resolve(path, src), { follow: true }),
    ...ancestors(folder).map((each) => host.type(each)),
  ])
  // Made where the link leads: then the folders there matter.
  const stray = params.follow && own?.type === 'link' && !target ? ancestors(posix.dirname(real)) : undefined
  const there = stray ? await Promise.all(stray.map((each) => host.type(each))) : above
  return {
    path,
    real,
    own,
    target,
    source: own?.type === 'directory' && params.state !== 'hard' ? fromWithin : source,
    above: (stray ?? ancestors(folder)).map((each, index) => ({ path: each, type: there[index]! })),
    below: [],
    emptyFolder: false,
    me,
    warnings: [],
  }
}

function stateOf(params: Params, seen: { own: Stat | null }): State {
  if (params.state !== undefined) return params.state
  if (!seen.own) return params.recurse ? 'directory' : 'file'
  if (seen.own.type === 'link' || seen.own.type === 'directory') return seen.own.type
  return seen.own.links > 1 ? 'hard' : 'file'
}

/** A file that has a second name is told as a hard link. */
const kindOf = (there: Stat) => (there.type === 'file' && there.links > 1 ? 'hard' : there.type)

const planners: Record<State, (seen: Seen, params: Params) => Plan> = {
  absent,
  directory,
  file,
  hard,
  link,
  touch: touched,
}

function absent({ path, own }: Seen): Plan {
  if (!own) return { result: { path, state: 'absent' } }
  return { changes: [{ path, before: describe(own) }], steps: [remove(path)], result: { path, state: 'absent' } }
}

function directory(seen: Seen, params: Params): Plan {
  const followed = seen.own?.type === 'link' && params.follow
  const path = followed ? seen.real : seen.path
  const there = followed ? seen.target : seen.own
  if (there && there.type !== 'directory')
    return { failed: `${path} already exists as a ${there.type}.`, hint: 'Remove it first, with state: absent.' }
  if (there) {
    const own = settle(path, there, params)
    const below = params.recurse ? recursive(path, seen.below, params) : { changes: [], steps: [] }
    return {
      changes: [...own.changes, ...below.changes],
      steps: [...own.steps, ...below.steps],
      result: { path, state: 'directory', ...attributeResult(there), ...own.set },
    }
  }
  const blocked = seen.above.find((each) => each.type && each.type !== 'directory')
  if (blocked) return { failed: `Cannot make ${path}: ${blocked.path} is a ${blocked.type}.` }
  const attributes = newAttributes(params, true)
  const missing = [...seen.above.filter((each) => !each.type).map((each) => each.path), path]
  const steps = missing.map((each) => makeOwnDirectory(seen.me, each, attributes))
  const made = {
    mode: attributes.mode ?? '0755',
    owner: attributes.owner ?? seen.me.user,
    group: attributes.group ?? seen.me.group,
  }
  const timed = timesStep(path, params, 'preserve')
  return {
    changes: missing.map((each) => ({ path: each, after: 'folder' })),
    steps: timed ? [...steps, timed] : steps,
    result: { path, state: 'directory', ...made },
  }
}

function file(seen: Seen, params: Params): Plan {
  const followed = seen.own?.type === 'link' && params.follow
  const path = followed ? seen.real : seen.path
  const there = followed ? seen.target : seen.own
  if (there?.type !== 'file') {
    const hint = there ? undefined : 'The state "file" makes no file: use copy, template, or the state "touch".'
    return {
      failed: `file (${path}) is ${there?.type ?? 'absent'}, cannot continue`,
      ...(hint === undefined ? {} : { hint }),
      result: { path, state: there?.type ?? 'absent' },
    }
  }
  const { changes, steps, set } = settle(path, there, params)
  return {
    changes,
    steps,
    result: { path, state: kindOf(there), ...attributeResult(there), ...set },
  }
}

function touched(seen: Seen, params: Params): Plan {
  const followed = seen.own?.type === 'link' && params.follow && seen.target !== null
  const path = seen.own?.type === 'link' && params.follow ? seen.real : seen.path
  const there = followed ? seen.target : seen.own?.type === 'link' && params.follow ? null : seen.own
  if (there) {
    const { changes, steps, set } = settle(path, there, params, 'now')
    return { changes, steps, result: { dest: seen.path, state: kindOf(there), ...attributeResult(there), ...set } }
  }
  const folder = seen.above.at(-1)
  if (folder && folder.type !== 'directory')
    return {
      failed: `Could not touch ${path}: the folder ${folder.path} does not exist.`,
      hint: makeFirst(folder.path),
    }
  const attributes = newAttributes(params, false)
  const made = {
    mode: attributes.mode ?? '0644',
    owner: attributes.owner ?? seen.me.user,
    group: attributes.group ?? seen.me.group,
  }
  const timed = timesStep(path, params, 'preserve')
  const steps = [withAttributes(touch(path, attributes), path, made), ...(timed ? [timed] : [])]
  return {
    changes: [{ path, after: 'empty file' }],
    steps,
    result: { dest: seen.path, state: 'file', ...made, size: 0 },
  }
}

function link(seen: Seen, params: Params): Plan {
  const { path, own } = seen
  const src = params.src ?? (own?.type === 'link' ? own.target : undefined)
  if (params.src !== undefined && !params.force && !seen.source) {
    return {
      failed: `What the link should point to does not exist: ${params.src}.`,
      hint: 'Make it first, or say force: true for a link that points to nothing yet.',
    }
  }
  if (own?.type === 'directory' && !params.force)
    return {
      failed: `${path} is a folder, and is not turned into a link.`,
      hint: 'force: true replaces an empty folder.',
    }
  if (own?.type === 'directory' && !seen.emptyFolder)
    return { failed: `The folder ${path} is not empty, and is not turned into a link.` }
  if (own && own.type !== 'link' && own.type !== 'directory' && !params.force) {
    return { failed: `${path} is a ${own.type}, and is not turned into a link.`, hint: 'force: true replaces it.' }
  }
  if (own?.type !== 'link' && src === undefined) return { failed: 'src is needed to make a link.' }
  const folder = seen.above.at(-1)
  if (!own && folder && folder.type !== 'directory')
    return { failed: `Cannot make ${path}: the folder ${folder.path} does not exist.`, hint: makeFirst(folder.path) }
  const steps: Step[] = []
  const changes: Change[] = []
  if (own?.type !== 'link' || own.target !== src) {
    // An empty folder cannot be renamed over.
    if (own?.type === 'directory') steps.push({ ...remove(path), script: `rmdir -- ${quote(path)}` })
    const attributes = params.follow ? {} : { owner: params.owner, group: params.group }
    const made = { owner: attributes.owner ?? seen.me.user, group: attributes.group ?? seen.me.group }
    steps.push(withAttributes(makeLink(path, src!, attributes), path, made))
    changes.push({ path, before: own ? describe(own) : undefined, after: `link to ${src}` })
  } else if (!params.follow) {
    const { set, changes: differing } = differingAttributes(path, own, params)
    if (set) steps.push(setAttributes(path, set, { link: true }))
    changes.push(...differing)
  }
  if (params.follow) {
    // What the link leads to (after this task) has the mode and owner.
    const aim = params.src === undefined ? seen.target : seen.source
    const real = params.src === undefined ? seen.real : posix.resolve(posix.dirname(path), params.src)
    if (aim) {
      const { set, changes: differing } = differingAttributes(real, aim, params)
      if (set) steps.push(setAttributes(real, set))
      changes.push(...differing)
    }
  }
  return {
    changes,
    steps,
    result: { dest: path, src, state: 'link', ...(own?.type === 'link' ? attributeResult(own) : {}) },
  }
}

function hard(seen: Seen, params: Params): Plan {
  const { path, own, source } = seen
  const already = own !== null && own.type === 'file' && own.links > 1
  if (params.src === undefined) {
    if (!already) return { failed: 'src is needed to make a hard link.' }
    const { changes, steps, set } = settle(path, own, params)
    return { changes, steps, result: { dest: path, state: 'hard', ...attributeResult(own), ...set } }
  }
  if (!source) return { failed: `What the link should be the same as does not exist: ${params.src}.` }
  if (source.type === 'directory') return { failed: `${params.src} is a folder; a hard link needs a file.` }
  const same = own?.type === 'file' && own.inode === source.inode && own.device === source.device
  if (own?.type === 'directory') return { failed: `${path} is a folder, and is not turned into a hard link.` }
  if (own && !same && own.type !== 'link' && !params.force)
    return {
      failed: `${path} is another ${own.type}, and is not turned into a hard link.`,
      hint: 'force: true replaces it.',
    }
  const { changes, steps, set } = settle(path, source, params)
  if (!same) {
    const copied = { mode: source.mode, owner: source.owner, group: source.group }
    steps.unshift(withAttributes(makeHardLink(path, params.src), path, copied))
    changes.unshift({ path, before: own ? describe(own) : undefined, after: `same file as ${params.src}` })
  }
  return { changes, steps, result: { dest: path, src: params.src, state: 'hard', ...attributeResult(source), ...set } }
}

/** Attributes and times of what is there. */
function settle(path: string, there: Stat, params: Params, times: 'now' | 'preserve' = 'preserve') {
  const { set, changes } = differingAttributes(path, there, params)
  const steps: Step[] = set ? [setAttributes(path, set, { link: there.type === 'link' })] : []
  const timed = timesStep(path, params, times, there)
  if (timed) {
    steps.push(timed)
    changes.push({ path: `${path} time`, before: there.mtime, after: params.modification_time ?? times })
  }
  return { changes, steps, set }
}

function recursive(folder: string, below: readonly TreeEntry[], params: Params) {
  const changes: Change[] = []
  const steps: Step[] = []
  for (const entry of below) {
    const path = posix.join(folder, entry.relative)
    const stat = { ...entry, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 1 }
    const { set, changes: differing } = differingAttributes(path, stat, params)
    if (set) steps.push(setAttributes(path, set, { link: entry.type === 'link' }))
    changes.push(...differing)
  }
  return { changes, steps: merged(steps, folder) }
}

/** Many small steps as one: one script, all the predictions. */
function merged(steps: readonly Step[], folder: string): Step[] {
  if (steps.length < 2) return [...steps]
  const script = steps.map((step) => step.script).join('\n')
  return [
    exec({
      show: `set mode and owner of ${steps.length} files in ${folder}`,
      script,
      effects: steps.flatMap((step) => step.effects),
    }),
  ]
}

function timesStep(path: string, params: Params, otherwise: 'now' | 'preserve', there?: Stat): Step | undefined {
  const wanted = { m: params.modification_time ?? otherwise, a: params.access_time ?? otherwise }
  const lines: string[] = []
  for (const [flag, time] of Object.entries(wanted)) {
    if (time === 'preserve') continue
    if (time !== 'now' && there && secondsOf(time) === (flag === 'm' ? there.mtime : there.atime)) continue
    lines.push(`touch -c -${flag} ${time === 'now' ? '' : `-t ${quote(time)} `}-- ${quote(path)}`)
  }
  if (lines.length === 0) return undefined
  return exec({
    show: `set the time of ${path}`,
    script: `set -e\n${lines.join('\n')}`,
    effects: [{ file: { path, type: 'unchanged' } }],
  })
}

/** Times in whatever form, as touch takes them: `YYYYMMDDhhmm.ss`. */
function withTimes(params: Params): Params {
  const { modification_time: changed, access_time: read } = params
  return {
    ...params,
    ...(changed === undefined ? {} : { modification_time: timeOf(changed, params.modification_time_format) }),
    ...(read === undefined ? {} : { access_time: timeOf(read, params.access_time_format) }),
  }
}

const digits: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d\\d)',
  m: '(?<m>\\d\\d?)',
  d: '(?<d>\\d\\d?)',
  H: '(?<H>\\d\\d?)',
  M: '(?<M>\\d\\d?)',
  S: '(?<S>\\d\\d?)',
  j: '(?<j>\\d{1,3})',
}

/** `now` and `preserve` stay. Throws bad-parameter for a time that is not written in that form. */
function timeOf(time: string, format: string): string {
  if (time === 'now' || time === 'preserve') return time
  const pattern = format.replaceAll(/%(.)|[.*+?^${}()|[\]\\]/g, (text, letter: string | undefined) => {
    if (letter === undefined) return `\\${text}`
    if (letter === '%') return '%'
    const part = digits[letter]
    if (part === undefined)
      throw new Problem('bad-parameter', `The time format "${format}" holds %${letter}, which is not known here.`, {
        hint: `Known are ${Object.keys(digits)
          .map((one) => `%${one}`)
          .join(' ')}.`,
      })
    return part
  })
  const found = new RegExp(`^${pattern}$`).exec(time)?.groups
  if (!found) throw new Problem('bad-parameter', `The time "${time}" is not written as "${format}".`)
  const { Y, y, m = '1', d = '1', H = '0', M = '0', S = '0', j } = found
  // As strptime has it: two digits are 1969 to 2068.
  const year = Y ?? (y === undefined ? '1900' : String(Number(y) + (Number(y) < 69 ? 2000 : 1900)))
  const day =
    j === undefined
      ? new Date(Date.UTC(Number(year), Number(m) - 1, Number(d)))
      : new Date(Date.UTC(Number(year), 0, Number(j)))
  const two = (value: number | string) => String(value).padStart(2, '0')
  return `${year}${two(day.getUTCMonth() + 1)}${two(day.getUTCDate())}${two(H)}${two(M)}.${two(S)}`
}

/** Seconds of `YYYYMMDDhhmm.ss` in UTC, which is right only for hosts in UTC: others set the same time again, harmlessly. */
function secondsOf(time: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(time)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0))
  return Date.UTC(year!, month! - 1, day, hour, minute, second) / 1000
}

function describe(stat: Stat): string {
  if (stat.type === 'link') return `link to ${stat.target ?? ''}`
  return stat.type === 'directory' ? 'folder' : stat.type
}
