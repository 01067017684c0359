import {
  attributeParams,
  type Change,
  defineModule,
  type Host,
  keptSource,
  Problem,
  remove,
  rename,
  renewIndex,
  type Step,
  sourcesChanged,
  textOf,
  write,
} from 'tsplay'

const MAIN = '/etc/apt/sources.list'
const PARTS = '/etc/apt/sources.list.d'
const KINDS = ['deb', 'deb-src']

interface SourceFile {
  readonly path: string
  readonly text: string
}

export default defineModule({
  summary: 'Add and remove lines of package sources of apt.',
  description:
    'A line that is there but commented out is put to use again. Other lines stay as they are. When the new index cannot be fetched, the sources are put back as they were. ' +
    'Keys are not added: [signed-by=…] in the line names one, and deb822_repository brings one along. That goes for "ppa:" too.',
  params: {
    type: 'object',
    properties: {
      repo: {
        type: 'string',
        minLength: 1,
        description: 'The line, as it stands in sources.list; or ppa:OWNER/NAME on Ubuntu.',
      },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether it should be there.' },
      filename: {
        type: 'string',
        description: `The file for a new line, .list is added; below ${PARTS} unless it has a slash. Default: made of the address.`,
      },
      mode: {
        ...attributeParams.mode,
        description: 'Mode of the file a line is added to. Default: as it is, or 0644.',
      },
      update_cache: {
        type: 'boolean',
        default: true,
        aliases: ['update-cache'],
        description: 'Fetch the package index when something changed.',
      },
      update_cache_retries: { type: 'integer', minimum: 1, default: 5, description: 'How often that is tried.' },
      update_cache_retry_max_delay: {
        type: 'integer',
        minimum: 1,
        default: 12,
        description: 'Seconds between tries at most; they double each time.',
      },
      codename: { type: 'string', description: 'Release for "ppa:". Default: the host\'s.' },
      validate_certs: {
        type: 'boolean',
        default: true,
        description: 'Accepted for Ansible playbooks: nothing is asked of a server but by apt.',
      },
      install_python_apt: {
        type: 'boolean',
        default: true,
        description: 'Accepted for Ansible playbooks: no Python is needed.',
      },
    },
    required: ['repo'],
    additionalProperties: false,
  },
  returns: {
    repo: 'as given',
    state: 'as given',
    sources_added: 'files that were made',
    sources_removed: 'files that were removed',
  },
  examples: [
    {
      title: 'A repository with its key named',
      yaml: '- apt_repository:\n    repo: deb [signed-by=/etc/apt/keyrings/tools.asc] https://repo.example.org/debian bookworm main\n    filename: tools\n    update_cache: false',
    },
    {
      title: 'One that goes',
      given:
        '- apt_repository:\n    repo: deb [signed-by=/etc/apt/keyrings/tools.asc] https://repo.example.org/debian bookworm main\n    filename: tools\n    update_cache: false',
      yaml: '- apt_repository:\n    repo: deb [signed-by=/etc/apt/keyrings/tools.asc] https://repo.example.org/debian bookworm main\n    state: absent\n    update_cache: false',
    },
  ],
  async probe(host, params, controller) {
    const [names, main, release] = await Promise.all([
      host.list(PARTS),
      host.content(MAIN),
      params.repo.startsWith('ppa:') ? host.content('/etc/os-release') : null,
    ])
    const source = sourceOf(params.repo, params.codename ?? codenameOf(release))
    const password = /\/\/[^/@\s]*:([^/@\s]+)@/.exec(source)?.[1]
    if (password !== undefined) controller.secret(password)
    const target = fileFor(params, source)
    const paths = (names ?? []).filter((name) => name.endsWith('.list')).map((name) => `${PARTS}/${name}`)
    if (target.includes('/') && target !== MAIN && !paths.includes(target)) paths.push(target)
    const files = [...(main === null ? [] : [{ path: MAIN, text: textOf(main) }]), ...(await texts(host, paths))]
    return { source, target, files, apt: names !== null || main !== null }
  },
  plan({ source, target, files, apt }, params) {
    if (!apt)
      return {
        failed: `This host has neither ${MAIN} nor ${PARTS}.`,
        hint: 'apt_repository is for Debian and its kin.',
      }
    const wanted = params.state === 'present' ? added(files, source, target) : removed(files, source)
    const changes: Change[] = []
    const steps: Step[] = []
    for (const { path, before, after } of wanted) {
      changes.push({ path, ...(before === undefined ? {} : { before }), ...(after === '' ? {} : { after }) })
      const old = params.update_cache && before !== undefined ? keptSource(path) : undefined
      if (after === '') steps.push(old === undefined ? remove(path) : rename(path, old))
      else
        steps.push(
          write({ path, content: Buffer.from(after), mode: path === target ? params.mode : undefined, backup: old }),
        )
    }
    const kept = wanted.map(({ path, before }) => ({ path, old: before === undefined ? undefined : keptSource(path) }))
    if (steps.length > 0 && params.update_cache)
      steps.push(renewIndex(kept, params.update_cache_retries, params.update_cache_retry_max_delay))
    return {
      changes,
      steps: steps.map((step) => ({ ...step, effects: [...step.effects, ...sourcesChanged] })),
      result: {
        repo: params.repo,
        state: params.state,
        sources_added: wanted.filter(({ before }) => before === undefined).map(({ path }) => path),
        sources_removed: wanted.filter(({ after }) => after === '').map(({ path }) => path),
      },
    }
  },
})

async function texts(host: Host, paths: readonly string[]): Promise<SourceFile[]> {
  const read = await Promise.all(paths.map((path) => host.content(path)))
  return paths.flatMap((path, index) => (read[index] ? [{ path, text: textOf(read[index]) }] : []))
}

interface Line {
  readonly source: string
  readonly enabled: boolean
  readonly comment: string
}

/** A source out of a line, blanks made one; null for anything else. */
function parsed(line: string): Line | null {
  const off = /^\s*#/.test(line)
  const [body = '', ...comment] = line.trim().replace(/^#/, '').split('#')
  const words = body.split(/\s+/).filter(Boolean)
  if (!KINDS.includes(words[0] ?? '')) return null
  return { source: words.join(' '), enabled: !off, comment: comment.join('#').trim() }
}

function sourceOf(repo: string, codename: string | undefined): string {
  if (repo.startsWith('ppa:')) {
    const [owner = '', name = 'ppa'] = repo.slice(4).split('/')
    if (codename === undefined)
      throw new Problem('task-failed', `Nobody can tell for which release ${repo} is meant.`, {
        hint: 'Give its "codename".',
      })
    return `deb http://ppa.launchpad.net/${owner}/${name}/ubuntu ${codename} main`
  }
  const line = parsed(repo)
  if (!line?.enabled || line.source.split(' ').length < 3)
    throw new Problem('bad-parameter', `Invalid repository string: ${repo}`, {
      hint: 'It is "deb ADDRESS SUITE COMPONENT…", as in sources.list.',
    })
  return line.source
}

function codenameOf(release: Buffer | null): string | undefined {
  const text = release === null ? '' : textOf(release)
  return /^VERSION_CODENAME="?([^"\n]+)"?$/m.exec(text)?.[1]
}

/** The file for a new line, named as Ansible names it. */
function fileFor(
  params: { repo: string; filename?: string | undefined; codename?: string | undefined },
  source: string,
): string {
  let name = params.filename
  if (name === undefined) {
    const ppa = params.repo.startsWith('ppa:')
    const line = ppa ? `${params.repo}_${source.split(' ')[2]}` : source
    const address =
      line
        .replace(/\[[^\]]+\]/g, '')
        .replace(/\w+:\/\//g, '')
        .split(/\s+/)
        .filter((word) => !KINDS.includes(word) && word !== '')[0] ?? ''
    name = address
      .replace(/^[^@]*@/, '')
      .replace(/[^a-zA-Z0-9]+/g, ' ')
      .trim()
      .replaceAll(' ', '_')
  }
  return name.includes('/') ? `${name}.list` : `${PARTS}/${name}.list`
}

interface Edit {
  readonly path: string
  readonly before?: string | undefined
  /** Empty: the file goes. */
  readonly after: string
}

function added(files: readonly SourceFile[], source: string, target: string): Edit[] {
  const lines = files.flatMap(({ text }) => text.split('\n').map(parsed)).filter((line) => line?.source === source)
  if (lines.some((line) => line!.enabled) && lines.every((line) => line!.enabled)) return []
  if (lines.length === 0) {
    const before = files.find(({ path }) => path === target)?.text
    const head = before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`
    return [{ path: target, before, after: `${head}${source}\n` }]
  }
  return edited(files, (line, raw) => {
    if (line?.source !== source || line.enabled) return raw
    return line.comment === '' ? source : `${source} # ${line.comment}`
  })
}

function removed(files: readonly SourceFile[], source: string): Edit[] {
  return edited(files, (line, raw) => (line?.source === source && line.enabled ? undefined : raw))
}

function edited(files: readonly SourceFile[], change: (line: Line | null, raw: string) => string | undefined): Edit[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n').map((raw) => change(parsed(raw), raw))
    const after = lines.filter((line) => line !== undefined).join('\n')
    return after === text ? [] : [{ path, before: text, after }]
  })
}
