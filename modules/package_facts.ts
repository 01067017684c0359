import { defineModule, defineRead } from 'tsplay'

const DPKG = '${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${Architecture}\\t${Section}\\n'
const RPM = 'R\\t%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n'

/** From where apt has the versions that are installed: `O name origin`, once for each. What apt makes of its index stays in memory. */
const ORIGINS = `set -- apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy; export LC_ALL=C; { "$@"; echo @; dpkg-query -W -f '\${binary:Package}\\n' | xargs "$@"; } 2>/dev/null | awk '
/^@$/ { packages = 1; next }
!packages && /^ *-?[0-9]+ / { file = $0; sub(/^ *-?[0-9]+ /, "", file); next }
!packages && /^ *release / { if (match($0, /[ ,]o=[^,]*/)) origin[file] = substr($0, RSTART + 3, RLENGTH - 3); next }
/^[^ ].*:$/ { name = substr($0, 1, length($0) - 1); installed = 0; next }
/^ [*][*][*] / { installed = 1; next }
installed && /^     / { file = $0; sub(/^ *-?[0-9]+ /, "", file); print "O\\t" name "\\t" origin[file]; installed = 0 }'`

/** In the order that `auto` asks them; 44 is one that the host does not have. */
const managers = {
  apt: `[ -e /var/lib/dpkg/status ] && command -v dpkg-query >/dev/null 2>&1 || exit 44; dpkg-query -W -f '${DPKG}' || exit 1; if command -v apt-cache >/dev/null 2>&1 && command -v awk >/dev/null 2>&1; then ${ORIGINS}; fi; :`,
  apk: `command -v apk >/dev/null 2>&1 || exit 44; apk list --installed 2>/dev/null | while read -r one arch _; do printf 'A\\t%s\\t%s\\n' "$one" "$arch"; done`,
  rpm: `command -v rpm >/dev/null 2>&1 || exit 44; rpm -qa --qf '${RPM}'`,
} as const
type Manager = keyof typeof managers
const all = Object.keys(managers) as Manager[]

/** null: the host has no such manager. Its name is what steps that change packages say they outdate. */
const packageFacts = defineRead<Manager, string | null>({
  name: 'package-facts',
  key: (manager) => manager,
  items: (asked) => asked.map((manager) => managers[manager]),
  parse: (replies) => replies.map(({ status, stdout }) => (status === 0 ? stdout.toString() : null)),
})

export default defineModule({
  summary: 'Gather which packages are installed, as the fact packages.',
  params: {
    type: 'object',
    properties: {
      manager: {
        type: 'array',
        items: { enum: ['auto', ...all] },
        default: ['auto'],
        description: 'Whom to ask, in this order. auto: every one that is known (apt, apk, rpm).',
      },
      strategy: {
        enum: ['first', 'all'],
        default: 'first',
        description: 'first: the first that the host has is asked; all: all that it has. A later one wins for a name.',
      },
    },
    additionalProperties: false,
  },
  returns: {
    ansible_facts:
      'packages: by name, a list (several architectures, several versions) of name, version, arch, source, …',
  },
  examples: [
    {
      title: 'Which libc',
      yaml: `- package_facts:\n- assert:\n    that: packages.libc6[0].source == "apt"`,
    },
  ],
  async probe(host, params) {
    const named = params.manager.filter((name) => name !== 'auto')
    const asked = [...new Set([...named, ...(params.manager.includes('auto') ? all : [])])]
    const texts = await Promise.all(asked.map((manager) => host.read(packageFacts, manager)))
    return asked.map((manager, index) => ({ manager, text: texts[index]!, named: named.includes(manager) }))
  },
  plan(answers, { strategy }) {
    const there = answers.filter(({ text }) => text !== null)
    if (there.length === 0) return { failed: lacking(answers.map(({ manager }) => PROGRAM[manager])) }
    const asked = strategy === 'first' ? there.slice(0, 1) : there
    const packages = Object.assign({}, ...asked.map(({ text }) => packagesOf(text!))) as Packages
    // One that was named, and was to be asked before the one that was.
    const missing = answers.filter(
      (one, index) => one.text === null && one.named && (strategy === 'all' || index < answers.indexOf(asked[0]!)),
    )
    return {
      result: { ansible_facts: { packages } },
      warnings: missing.map(({ manager }) => lacking([PROGRAM[manager]])),
    }
  },
})

function lacking(programs: readonly string[]): string {
  const last = programs.at(-1)!
  if (programs.length === 1) return `This host has no ${last} to ask about packages.`
  return `This host has none of ${programs.slice(0, -1).join(', ')} and ${last} to ask about packages.`
}

const PROGRAM = { apt: 'dpkg', apk: 'apk', rpm: 'rpm' } as const
type Packages = Record<string, Record<string, unknown>[]>

function packagesOf(text: string): Packages {
  const packages: Packages = {}
  const lines = text.split('\n').map((line) => line.split('\t'))
  const origins = new Map(lines.flatMap(([kind, name = '', origin = '']) => (kind === 'O' ? [[name, origin]] : [])))
  for (const fields of lines) {
    const one = packageOf(fields, origins)
    if (one) packages[one.name] = [...(packages[one.name] ?? []), one]
  }
  return packages
}

function packageOf(
  [kind = '', ...fields]: string[],
  origins: ReadonlyMap<string, string>,
): { name: string; [key: string]: unknown } | undefined {
  if (kind === 'R') {
    const [name = '', version, release, epoch, arch] = fields
    return { name, version, release, epoch: epoch === '(none)' ? null : Number(epoch), arch, source: 'rpm' }
  }
  if (kind === 'A') {
    const [, name = '', version] = /^(.*?)-(\d[^-]*-r\d+)$/.exec(fields[0] ?? '') ?? []
    return name === '' ? undefined : { name, version, arch: fields[1], source: 'apk' }
  }
  // dpkg: ii is installed; rc is gone but for its configuration.
  if (kind[1] !== 'i') return undefined
  const [name = '', version, arch, category] = fields
  // apt names what is of another architecture than the machine by it.
  const origin = origins.get(`${name}:${arch}`) ?? origins.get(name) ?? ''
  return { name, version, arch, category, origin, source: 'apt' }
}
