import { defineModule, defineRead } from 'tsplay'

const DPKG = '${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${Architecture}\\t${Section}\\n'
const RPM = 'R\\t%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n'
const LOOK = `if [ -e /var/lib/dpkg/status ] && command -v dpkg-query >/dev/null 2>&1; then dpkg-query -W -f '${DPKG}'
elif command -v apk >/dev/null 2>&1; then apk list --installed 2>/dev/null | while read -r one arch _; do printf 'A\\t%s\\t%s\\n' "$one" "$arch"; done
elif command -v rpm >/dev/null 2>&1; then rpm -qa --qf '${RPM}'
else exit 44; fi`

/** null: no package manager that is known here. Its name is what steps that change packages say they outdate. */
const packageFacts = defineRead<string, string | null>({
  name: 'package-facts',
  key: (all) => all,
  items: () => [LOOK],
  parse: ([reply]) => [reply!.status === 44 ? null : reply!.stdout.toString()],
})

export default defineModule({
  summary: 'Gather which packages are installed, as the fact packages.',
  params: {
    type: 'object',
    properties: {
      manager: {
        type: 'array',
        items: { enum: ['auto', 'apt', 'rpm', 'apk'] },
        default: ['auto'],
        description: "The host's own is taken; naming another fails.",
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
  probe: (host) => host.read(packageFacts, ''),
  plan(text, params) {
    if (text === null) return { failed: 'This host has none of dpkg, rpm and apk to ask.' }
    const packages: Record<string, Record<string, unknown>[]> = {}
    for (const line of text.split('\n')) {
      const one = packageOf(line.split('\t'))
      if (one) packages[one.name] = [...(packages[one.name] ?? []), one]
    }
    const source = Object.values(packages)[0]?.[0]?.['source']
    if (source !== undefined && !params.manager.some((name) => name === 'auto' || name === source))
      return { failed: `The packages of this host are managed by ${source}, not by ${params.manager.join(' or ')}.` }
    return { result: { ansible_facts: { packages } } }
  },
})

function packageOf([kind = '', ...fields]: string[]): { name: string; [key: string]: unknown } | undefined {
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
  return { name, version, arch, category, source: 'apt' }
}
