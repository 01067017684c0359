import {
  bytesOf,
  type Change,
  defineModule,
  type KernelModule,
  kernelModule,
  loadModules,
  moduleName,
  type Plan,
  remove,
  type Step,
  textOf,
  unloadModules,
  write,
} from 'tsplay'

const LOAD_FOLDER = '/etc/modules-load.d'
const OPTIONS_FOLDER = '/etc/modprobe.d'

export default defineModule({
  summary: 'Load and unload kernel modules, now and at boot.',
  description: 'What is built into the kernel counts as loaded. One look for all names.',
  aliases: ['modprobe'],
  params: {
    type: 'object',
    properties: {
      name: {
        anyOf: [
          { type: 'string', format: 'line', minLength: 1 },
          { type: 'array', items: { type: 'string', format: 'line', minLength: 1 }, minItems: 1 },
        ],
        description: 'One module, or a list.',
      },
      state: { enum: ['present', 'absent'], default: 'present' },
      params: { type: 'string', format: 'line', default: '', description: 'Options of the module, `numdummies=2`.' },
      persistent: {
        enum: ['disabled', 'present', 'absent'],
        default: 'disabled',
        description:
          'Whether it is loaded at boot: present and absent keep /etc/modules-load.d so; disabled leaves it alone.',
      },
      persistent_file: {
        type: 'string',
        format: 'path',
        description: 'One file for the whole list, /etc/modules-load.d/ipvs.conf. Default: a file for each module.',
      },
      ignore_missing: {
        type: 'boolean',
        default: false,
        description:
          'Leave out, and name in the result, modules that this kernel does not have or that a container cannot load.',
      },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: {
    left_out: 'modules that were left out, each with the reason',
    loaded: 'modules that are loaded or built in',
  },
  examples: [
    {
      title: 'Modules for IPVS, now and at boot, where the kernel has them',
      yaml: '- kmod:\n    name: [ip_vs, ip_vs_rr, nf_conntrack]\n    persistent: present\n    persistent_file: /etc/modules-load.d/ipvs.conf\n    ignore_missing: true',
    },
  ],
  async probe(host, params) {
    const names = namesOf(params.name)
    const files =
      params.persistent === 'disabled' ? [] : names.flatMap((name) => fileNames(name, params.persistent_file))
    const wanted = [...new Set(files)]
    const [modules, contents, folder] = await Promise.all([
      Promise.all(names.map((name) => host.read(kernelModule, name))),
      Promise.all(wanted.map((path) => host.content(path))),
      params.persistent === 'disabled' ? null : host.list(LOAD_FOLDER),
    ])
    // A module that any file of the folder names is loaded at boot already.
    const others = (folder ?? [])
      .filter((name) => name.endsWith('.conf'))
      .map((name) => `${LOAD_FOLDER}/${name}`)
      .filter((path) => !wanted.includes(path))
    const otherContents =
      params.persistent_file !== undefined ? [] : await Promise.all(others.map((path) => host.content(path)))
    return {
      modules: Object.fromEntries(names.map((name, index) => [name, modules[index]!])) as Record<string, KernelModule>,
      files: Object.fromEntries(
        wanted.map((path, index) => [path, contents[index] ? textOf(contents[index]) : null]),
      ) as Record<string, string | null>,
      elsewhere: otherContents
        .flatMap((content) => content?.toString('utf8').split('\n') ?? [])
        .map((line) => moduleName(line.trim())),
    }
  },
  plan({ modules, files, elsewhere }, params): Plan {
    const leftOut: Record<string, string> = {}
    const changes: Change[] = []
    const steps: Step[] = []
    const kept: string[] = []
    const act: string[] = []
    for (const name of namesOf(params.name)) {
      const { state, barred } = modules[name]!
      if (params.state === 'absent') {
        if (state === 'builtin') return { failed: `${name} is built into the kernel and cannot be unloaded.` }
        if (state === 'loaded' && barred !== undefined)
          return { failed: `${name} cannot be unloaded: ${barred}.`, ...hintFor(barred) }
        if (state === 'loaded') act.push(name)
      } else if (state === 'missing' || (state === 'available' && barred !== undefined)) {
        const reason = state === 'missing' ? (barred ?? 'the kernel has no such module') : barred!
        if (!params.ignore_missing || reason.includes('root'))
          return { failed: `${name} cannot be loaded: ${reason}.`, ...hintFor(reason) }
        leftOut[name] = reason
        continue
      } else if (state === 'available') act.push(name)
      kept.push(name)
    }
    if (act.length > 0) {
      changes.push(
        ...act.map((name) => ({
          path: `module ${name}`,
          before: params.state === 'absent' ? 'loaded' : 'not loaded',
          after: params.state === 'absent' ? 'not loaded' : 'loaded',
        })),
      )
      steps.push(params.state === 'absent' ? unloadModules(act) : loadModules(act, params.params))
    }
    if (params.persistent !== 'disabled') {
      const at = params.persistent === 'present' && params.state === 'present'
      for (const [path, before] of Object.entries(files)) {
        const after = path.startsWith(`${OPTIONS_FOLDER}/`)
          ? options(path, before, kept, at ? params.params : '')
          : listed(path, before, kept, at, params.persistent_file, elsewhere)
        if (after === before) continue
        changes.push({ path, ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) })
        steps.push(
          after === null
            ? remove(path)
            : write({ path, content: bytesOf(after), ...(before === null ? { mode: '0644' } : {}) }),
        )
      }
    }
    return {
      changes,
      steps,
      result: {
        name: params.name,
        state: params.state,
        params: params.params,
        ...(Object.keys(leftOut).length > 0 ? { left_out: leftOut } : {}),
        ...(params.state === 'present' ? { loaded: kept } : {}),
      },
    }
  },
})

function namesOf(name: string | readonly string[]): string[] {
  return [...new Set(typeof name === 'string' ? [name] : name)]
}

function fileNames(name: string, one: string | undefined): string[] {
  return [one ?? `${LOAD_FOLDER}/${name}.conf`, `${OPTIONS_FOLDER}/${name}.conf`]
}

function hintFor(reason: string): { hint?: string } {
  if (reason.includes('root')) return { hint: 'The task may need "become: true".' }
  return { hint: 'With "ignore_missing: true" such modules are left out and named in the result.' }
}

/** A list of modules to load at boot: names are added or taken out, all else stays. */
function listed(
  path: string,
  before: string | null,
  names: readonly string[],
  present: boolean,
  one: string | undefined,
  elsewhere: readonly string[],
): string | null {
  const own = one === undefined ? names.filter((name) => path === `${LOAD_FOLDER}/${name}.conf`) : names
  const lines = before === null || before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const has = (name: string) => lines.some((line) => moduleName(line.trim()) === moduleName(name))
  if (present) {
    for (const name of own) if (!has(name) && !elsewhere.includes(moduleName(name))) lines.push(name)
    return lines.length === 0 ? before : `${lines.join('\n')}\n`
  }
  const left = lines.filter((line) => !own.some((name) => moduleName(line.trim()) === moduleName(name)))
  if (left.length === lines.length) return before
  return left.length === 0 ? null : `${left.join('\n')}\n`
}

/** `options NAME …` of a module's own file. */
function options(path: string, before: string | null, names: readonly string[], parameters: string): string | null {
  const name = names.find((one) => path === `${OPTIONS_FOLDER}/${one}.conf`)
  if (name === undefined) return before
  const lines = before === null || before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const left = lines.filter(
    (line) => !new RegExp(`^\\s*options\\s+${moduleName(name).replaceAll('_', '[-_]')}(\\s|$)`).test(line),
  )
  if (parameters !== '') {
    const wanted = `options ${name} ${parameters}`
    if (lines.length - left.length === 1 && lines.includes(wanted)) return before
    left.push(wanted)
  }
  if (left.length === lines.length && parameters === '') return before
  return left.length === 0 ? null : `${left.join('\n')}\n`
}
