import { defineModule, defineRead, exec, quote } from 'tsplay'

/** What dpkg is to do with a package: install, hold, deinstall, purge; null: it knows none of that name. */
const selection = defineRead<string, string | null>({
  name: 'dpkg-selection',
  key: (name) => name,
  paths: () => ['/var/lib/dpkg/status'],
  items: (names) => [
    `command -v dpkg >/dev/null 2>&1 || exit 44; dpkg --get-selections ${names.map(quote).join(' ')} 2>/dev/null; :`,
  ],
  parse: ([reply], names) => {
    const found = new Map(
      reply!.stdout
        .toString()
        .split('\n')
        .map((line) => line.split(/\s+/) as [string, string])
        // The architecture of a package is behind its name where there are several.
        .flatMap(([name, word]) => [[name, word] as const, [name.replace(/:[^:]*$/, ''), word] as const]),
    )
    return names.map((name) => (reply!.status === 44 ? '' : (found.get(name) ?? null)))
  },
})

export default defineModule({
  summary: 'Hold a package at its version, or let it go.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[a-z0-9][a-z0-9+.:-]*$', description: 'The package.' },
      selection: {
        enum: ['install', 'hold', 'deinstall', 'purge'],
        description: 'hold: apt leaves it as it is. The others are only noted, nothing is installed or removed.',
      },
    },
    required: ['name', 'selection'],
    additionalProperties: false,
  },
  returns: { before: 'the selection that was', after: 'the selection that is' },
  examples: [
    {
      title: 'Keep a version',
      yaml: '- dpkg_selections: {name: openssh-server, selection: hold}',
    },
  ],
  probe: (host, params) => host.read(selection, params.name),
  plan(before, params) {
    const { name, selection: after } = params
    if (before === '') return { failed: 'This host has no dpkg.', hint: 'dpkg_selections is for Debian and its kin.' }
    // As Ansible: a package that dpkg has not heard of.
    const was = before ?? 'not present'
    if (before === after) return { result: { before, after } }
    if (before === null)
      return { failed: `dpkg knows no package "${name}" here.`, hint: 'Install it first, or look at its name.' }
    return {
      changes: [{ path: `package ${name} selection`, before: was, after }],
      steps: [
        exec({
          show: `select ${name} for ${after}`,
          script: `echo ${quote(`${name} ${after}`)} | dpkg --set-selections`,
          effects: [
            { read: selection.name, key: name, gives: after },
            { file: { path: '/var/lib/dpkg/status', type: 'unchanged' } },
          ],
        }),
      ],
      result: { before: was, after },
    }
  },
})
