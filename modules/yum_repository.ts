import { posix } from 'node:path'
import { attributeParams, bytewise, defineModule, type Edited, lookAtEdit, Problem, planEdit, remove } from 'tsplay'

const text = (description: string) => ({ type: 'string', description }) as const
const yes = (description: string) => ({ type: 'boolean', description }) as const
const list = (description: string) => ({ type: 'array', items: { type: 'string' }, description }) as const

/** What stands in the file under the parameter's own name. */
const settings = {
  async: yes('Download in the background.'),
  bandwidth: text('Bytes a second that throttle counts from.'),
  baseurl: list('Where the repository is.'),
  cost: text('What it costs against other repositories; default of yum 1000.'),
  countme: yes('Let the server count this host.'),
  deltarpm_metadata_percentage: text('From which part of a package on delta metadata are not fetched.'),
  deltarpm_percentage: text('From which part of a package on a delta is not used.'),
  enabled: yes('Whether it is used.'),
  enablegroups: yes('Whether its groups of packages are known.'),
  exclude: list('Packages never taken from here; may hold wildcards.'),
  failovermethod: { enum: ['roundrobin', 'priority'], description: 'Which address is tried first.' },
  gpgcakey: text('Address of the key that vouches for keys.'),
  gpgcheck: yes('Check the signatures of packages.'),
  gpgkey: list('Addresses of the keys.'),
  http_caching: { enum: ['all', 'packages', 'none'], description: 'What caches on the way may keep.' },
  include: text('Another file of settings.'),
  includepkgs: list('Only these packages are taken from here.'),
  ip_resolve: { enum: ['4', '6', 'IPv4', 'IPv6', 'whatever'], description: 'Which kind of address is used.' },
  keepalive: yes('Keep connections open.'),
  keepcache: { enum: ['0', '1'], description: 'Keep packages once they are installed.' },
  metadata_expire: text('How long metadata is fresh.'),
  metadata_expire_filter: {
    enum: ['never', 'read-only:past', 'read-only:present', 'read-only:future'],
    description: 'Which commands do with older metadata.',
  },
  metalink: text('Address of a metalink.'),
  mirrorlist: text('Address of a list of mirrors.'),
  mirrorlist_expire: text('How long the list of mirrors is fresh.'),
  module_hotfixes: yes('Not filtered by modularity.'),
  password: { ...text('Password for the repository.'), secret: true },
  priority: text('1 (first) to 99.'),
  protect: yes('Its packages are not replaced by those of others.'),
  proxy: text('Address of a proxy; "_none_" for none.'),
  proxy_password: { ...text('Password for the proxy.'), secret: true },
  proxy_username: text('Name for the proxy.'),
  repo_gpgcheck: yes('Check the signature of the metadata.'),
  retries: text('How often a download is tried.'),
  s3_enabled: yes('Reached through S3.'),
  skip_if_unavailable: yes('Go on without it when it cannot be reached.'),
  ssl_check_cert_permissions: yes('Check that the certificate files can be read.'),
  sslcacert: { ...text('Folder or file of the authorities to trust.'), aliases: ['ca_cert'] },
  sslclientcert: { ...text("The client's certificate."), aliases: ['client_cert'] },
  sslclientkey: { ...text("The client's key."), aliases: ['client_key'] },
  sslverify: { ...yes("Check the server's certificate."), aliases: ['validate_certs'] },
  throttle: text('Bytes a second, or a part of bandwidth.'),
  timeout: text('Seconds to wait for a connection.'),
  ui_repoid_vars: text('Variables shown in its name.'),
  username: text('Name for the repository.'),
} as const

const SOURCES = ['baseurl', 'metalink', 'mirrorlist'] as const

export default defineModule({
  summary: 'Add and remove repositories of dnf and yum.',
  description:
    'The section of the repository is made as Ansible makes it; the other sections and comments of the file stay as they are. A file that is left without any section is removed.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[^\\]\\s/]+$', description: 'Its id: the name of the section.' },
      description: text('What people read.'),
      file: { type: 'string', pattern: '^[^/]+$', description: 'Name of the file, without .repo. Default: the name.' },
      reposdir: {
        type: 'string',
        format: 'path',
        default: '/etc/yum.repos.d',
        description: 'The folder of the file; it must be there.',
      },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether it should be there.' },
      ...settings,
      ...attributeParams,
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: { repo: 'the name', state: 'as given' },
  examples: [
    {
      title: 'A repository whose packages are signed',
      given: '- file: {path: /etc/yum.repos.d, state: directory}',
      yaml: '- yum_repository:\n    name: tools\n    description: Our tools\n    baseurl: https://repo.example.org/el9/$basearch/\n    gpgcheck: true\n    gpgkey: https://repo.example.org/key.asc',
    },
    {
      title: 'One of two in a file goes',
      given:
        '- file: {path: /etc/yum.repos.d, state: directory}\n- yum_repository: {name: a, file: both, description: a, baseurl: "http://a.example.org"}\n- yum_repository: {name: b, file: both, description: b, baseurl: "http://b.example.org"}',
      yaml: '- yum_repository: {name: a, file: both, state: absent}',
    },
  ],
  check(params) {
    if (params.state !== 'present') return
    if (SOURCES.every((source) => params[source] === undefined))
      throw new Problem('bad-parameter', 'A repository needs "baseurl", "metalink" or "mirrorlist".', {
        hint: 'Give one of them: where its packages are.',
      })
    if (params.description === undefined)
      throw new Problem('bad-parameter', 'A repository needs a "description".', {
        hint: 'Add "description: …": yum shows it as its name.',
      })
  },
  async probe(host, params, controller) {
    const { name, state, reposdir } = params
    const path = posix.join(reposdir, `${params.file ?? name}.repo`)
    const wanted = state === 'present' ? sectionOf(name, params) : undefined
    const { mode, owner, group } = params
    const options = { path, create: true, backup: false, mode, owner, group }
    const [folder, edit] = await Promise.all([
      host.stat(reposdir, { follow: true }),
      lookAtEdit(host, options, controller.checking, (before) => edited(before, name, wanted)),
    ])
    return { path, edit, folder: folder?.type === 'directory' }
  },
  plan({ path, edit, folder }, { name, state, reposdir }) {
    if (!folder) return { failed: `Repo directory '${reposdir}' does not exist.` }
    const result = { repo: name, state }
    if ('failed' in edit || 'nothing' in edit || edit.edited.more?.['empty'] !== true)
      return { ...planEdit(edit, 'backup_file'), result }
    const before = edit.options.current
    return {
      changes: [{ path, before: before ? before.toString('utf8') : '' }],
      steps: [remove(path)],
      result,
    }
  },
})

type Settings = Readonly<Record<string, unknown>>

/** Keys and values as Ansible writes them, sorted by key. */
function sectionOf(name: string, params: Settings): string {
  const values: Record<string, unknown> = { name: params['description'] }
  for (const key of Object.keys(settings)) values[key] = params[key]
  const lines = Object.keys(values)
    .sort()
    .flatMap((key) => {
      const value = values[key]
      if (value === undefined) return []
      // Further lines of a value are indented, as INI wants them.
      const joined = Array.isArray(value) ? value.join(key === 'baseurl' || key === 'gpgkey' ? '\n\t' : ' ') : value
      return [`${key} = ${typeof joined === 'boolean' ? Number(joined) : String(joined).replace(/\n(?!\t)/g, '\n\t')}`]
    })
  return bytewise(Buffer.from(`[${name}]\n${lines.join('\n')}\n\n`))
}

/** The text with the section as wanted (undefined: gone). */
function edited(before: string | undefined, name: string, wanted: string | undefined): Edited {
  const blocks = (before ?? '').split(/^(?=\[)/m)
  const own = (block: string) => /^\[([^\]]*)\]/.exec(block)?.[1] === bytewise(Buffer.from(name))
  const there = blocks.filter(own)
  if (wanted === undefined) {
    if (there.length === 0) return { text: before, msg: 'OK' }
    const left = blocks.filter((block) => !own(block))
    const empty = !left.some((block) => block.startsWith('['))
    return { text: left.join(''), msg: 'removed', more: { empty } }
  }
  if (there.length === 1 && sameSettings(there[0]!, wanted)) return { text: before, msg: 'OK' }
  const at = blocks.findIndex(own)
  const others = blocks.filter((block, index) => !own(block) || index === at)
  if (at >= 0) return { text: others.map((block) => (own(block) ? wanted : block)).join(''), msg: 'changed' }
  const head = before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`
  return { text: head + wanted, msg: 'added' }
}

/** Whether two sections say the same, whatever their order, blanks and comments. */
function sameSettings(one: string, other: string): boolean {
  const [a, b] = [one, other].map((block) => {
    const values = new Map<string, string>()
    let last = ''
    for (const line of block.split('\n').slice(1)) {
      if (line.trim() === '' || /^\s*[#;]/.test(line)) continue
      const setting = /^\s/.test(line) ? null : /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line)
      if (setting) {
        last = setting[1]!.toLowerCase()
        values.set(last, setting[2]!.trim())
      } else values.set(last, `${values.get(last) ?? ''}\n${line.trim()}`)
    }
    return JSON.stringify([...values].sort(([x], [y]) => (x < y ? -1 : 1)))
  })
  return a === b
}
