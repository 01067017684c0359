import {
  attributeParams,
  type Change,
  defineModule,
  type Host,
  lookAtPlace,
  Problem,
  planPlace,
  readUrl,
  remove,
  shownUrl,
  sourcesChanged,
  TouchedUnknown,
  Unknown,
} from 'tsplay'

const SOURCES = '/etc/apt/sources.list.d'
const KEYRINGS = '/etc/apt/keyrings'

const words = (description: string) => ({ type: 'array', items: { type: 'string' }, description }) as const
const yes = (description: string) => ({ type: 'boolean', description }) as const

/** What becomes a field of the file. */
const fields = {
  allow_downgrade_to_insecure: yes('Go on when a source that was signed no longer is.'),
  allow_insecure: yes('Go on when it is not signed at all.'),
  allow_weak: yes('Take signatures made by weak means.'),
  architectures: words('Only these. Default: those of the host.'),
  by_hash: yes('Fetch indexes by their digest.'),
  check_date: yes('Refuse what is signed in the future.'),
  check_valid_until: yes('Refuse what is out of date.'),
  components: words('main, contrib, …; none where the suite ends in a slash.'),
  date_max_future: { type: 'integer', description: 'Seconds that may lie in the future.' },
  enabled: yes('Whether it is used.'),
  inrelease_path: { type: 'string', description: 'Where its InRelease is, below the suite.' },
  languages: words('Languages of descriptions; none for none.'),
  pdiffs: yes('Fetch differences of indexes.'),
  signed_by: {
    type: 'string',
    minLength: 1,
    description: `The key: its text, a file of the host, a fingerprint, or an address (https://…): that one is fetched by the host and kept in ${KEYRINGS}.`,
  },
  suites: words('bookworm, stable-updates, …'),
  targets: words('Which indexes are fetched.'),
  trusted: yes('Take it for signed (or never).'),
  types: {
    type: 'array',
    items: { enum: ['deb', 'deb-src'] },
    default: ['deb'],
    description: 'Packages, their sources, or both.',
  },
  uris: words('Where it is.'),
} as const

export default defineModule({
  summary: 'Add and remove package sources of apt in the new form, with their key.',
  description:
    'One file NAME.sources for each. The package index is not fetched; apt with update_cache does that. When the source goes, a key that was fetched for it goes too.',
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        pattern: '[A-Za-z0-9]',
        description: 'Its name; the file is named after it, in small letters and with - for blanks.',
      },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether it should be there.' },
      ...fields,
      mode: { ...attributeParams.mode, default: '0644', description: 'Mode of the file.' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: {
    repo: "the file's text",
    dest: 'where the file is',
    key_filename: 'where the key is: the file named, or the one that was fetched',
  },
  examples: [
    {
      title: "The vendor's packages, signed by a key on the host",
      yaml: '- deb822_repository:\n    name: vendor\n    uris: https://repo.example.org/debian\n    suites: bookworm\n    components: [main]\n    architectures: [amd64]\n    signed_by: /usr/share/keyrings/debian-archive-keyring.gpg',
    },
    {
      title: 'A source that goes',
      given:
        '- deb822_repository: {name: vendor, uris: https://repo.example.org/debian, suites: bookworm, components: main}',
      yaml: '- deb822_repository: {name: vendor, state: absent}',
    },
  ],
  async probe(host, params, controller) {
    const slug = params.name
      .toLowerCase()
      .replace(/[_\s]+/g, '-')
      .replace(/[^a-z0-9-]+/g, '')
    const dest = `${SOURCES}/${slug}.sources`
    const keys = ['asc', 'gpg'].map((kind) => `${KEYRINGS}/${slug}.${kind}`)
    if (params.state === 'absent') {
      const paths = [dest, ...keys]
      const there = await Promise.all(paths.map((path) => host.stat(path)))
      return { dest, keys, gone: paths.filter((_, index) => there[index] !== null) }
    }
    const key = params.signed_by === undefined ? undefined : await keyOf(host, params.signed_by, controller.checking)
    const file = key?.fetched ? keys[armored(key.fetched) ? 0 : 1]! : key?.file
    const content = Buffer.from(textOf({ ...params, signed_by: file ?? params.signed_by }))
    const options = { dest, content, mode: params.mode }
    const keyOptions = key?.fetched
      ? { dest: file!, content: key.fetched, mode: '0644', makeParents: true, directoryMode: '0755' }
      : undefined
    const [place, keyPlace] = await Promise.all([
      lookAtPlace(host, options, controller.checking),
      keyOptions && lookAtPlace(host, keyOptions, controller.checking),
    ])
    return { dest, options, place, file, ...(keyPlace ? { key: { options: keyOptions!, place: keyPlace } } : {}) }
  },
  plan(state) {
    if ('gone' in state && state.gone !== undefined) {
      const changes: Change[] = state.gone.map((path) => ({ path, before: 'file' }))
      const steps = state.gone.map((path) => remove(path)).map(affecting)
      return { changes, steps, result: { repo: null, dest: state.dest, key_filename: state.keys[1]! } }
    }
    const { dest, options, place, file, key } = state
    const planned = [...(key ? [planPlace(key.place, key.options)] : []), planPlace(place, options)]
    const failed = planned.find((one) => one.failed !== undefined)?.failed
    if (failed !== undefined) return { failed, hint: 'deb822_repository is for Debian and its kin.' }
    return {
      changes: planned.flatMap((one) => one.changes),
      steps: planned.flatMap((one) => one.steps).map(affecting),
      warnings: planned.flatMap((one) => one.warnings),
      result: { repo: options.content.toString('utf8'), dest, key_filename: file ?? null },
    }
  },
})

const affecting = <S extends { effects: readonly unknown[] }>(step: S): S => ({
  ...step,
  effects: [...step.effects, ...sourcesChanged],
})

/** A file of the host, or bytes that the host fetched; neither: the text itself. */
async function keyOf(host: Host, signedBy: string, checking: boolean): Promise<{ file?: string; fetched?: Buffer }> {
  if (signedBy.startsWith('/')) return { file: signedBy }
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(signedBy)) return {}
  const access = { validate_certs: true, timeout: 10, use_proxy: true, http_agent: 'tsplay' }
  const reply = await host.query(readUrl(signedBy, access), { volatile: true })
  if (reply.status === 0 && reply.stdout.length > 0) return { fetched: reply.stdout }
  const why = reply.stderr.toString('utf8').trim().split('\n').slice(-2).join(' ')
  // What fetches it may only come with an earlier task.
  if (checking)
    throw new TouchedUnknown(new Unknown(`the key ${shownUrl(signedBy)}, which cannot be fetched now: ${why}`))
  throw new Problem('task-failed', `Could not fetch signed_by key: ${why || 'the answer is empty'}`, {
    hint: 'The host fetches it. Copied there before, it can be named by its path.',
  })
}

const armored = (bytes: Buffer): boolean => bytes.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')

/** The fields in the order that Ansible writes them, by the names of its parameters. */
function textOf(params: Readonly<Record<string, unknown>>): string {
  const lines = [...Object.keys(fields), 'name'].sort().flatMap((name) => {
    const value = params[name]
    if (value === undefined) return []
    const said = Array.isArray(value)
      ? value.join(' ')
      : typeof value === 'boolean'
        ? value
          ? 'yes'
          : 'no'
        : String(value)
    // A blank line would end the paragraph.
    const folded = said.includes('\n')
      ? said
          .trim()
          .split('\n')
          .map((line) => `\n    ${line.trim() || '.'}`)
          .join('')
      : said
    return [`${fieldName(name)}:${folded === '' || folded.startsWith('\n') ? '' : ' '}${folded}\n`]
  })
  return lines.join('')
}

function fieldName(name: string): string {
  if (name === 'name') return 'X-Repolib-Name'
  if (name === 'uris') return 'URIs'
  return name.replace(/(^|_)([a-z])/g, (_, gap: string, letter: string) => (gap && '-') + letter.toUpperCase())
}
