import { type Controller, defineModule, type LocalFile, Problem, pythonRegExp } from 'tsplay'

export default defineModule({
  summary: 'Load variables from a YAML or JSON file of the controller, or from all the files of a folder.',
  params: {
    type: 'object',
    properties: {
      file: { type: 'string', controllerFile: 'vars', aliases: ['_raw_params'], description: 'The file.' },
      dir: { type: 'string', description: 'A folder: its files, sorted, later ones win.' },
      name: { type: 'string', description: 'Put them into this variable, as a map, instead of setting each.' },
      depth: { type: 'integer', minimum: 0, default: 0, description: 'How many folders deep to look in dir. 0: all.' },
      files_matching: {
        type: 'string',
        format: 'regexp',
        description: 'Only files of dir whose name this pattern finds.',
      },
      ignore_files: {
        type: 'array',
        items: { type: 'string', format: 'regexp' },
        default: [],
        description: 'Patterns of names in dir to leave out.',
      },
      extensions: {
        type: 'array',
        items: { type: 'string' },
        default: ['json', 'yaml', 'yml'],
        description: 'Ends of the names in dir.',
      },
      ignore_unknown_extensions: {
        type: 'boolean',
        default: false,
        description: 'Leave out other files of dir instead of failing.',
      },
      hash_behaviour: {
        enum: ['replace', 'merge'],
        description: 'merge: maps are merged with those that the variables hold. Default: replace.',
      },
    },
    oneOf: [{ required: ['file'] }, { required: ['dir'] }],
    additionalProperties: false,
  },
  freeForm: 'file',
  returns: { ansible_facts: 'what was set', ansible_included_var_files: 'the files' },
  examples: [
    {
      title: 'Variables of the system',
      yaml: `- include_vars: "{{facts.os_family}}.yml"`,
      cannotRun: 'needs a file beside the playbook',
    },
  ],
  async local(params, controller) {
    const files =
      params.file === undefined ? await filesOf(params, controller) : [await controller.file(params.file, 'vars')]
    const values: Record<string, unknown> = {}
    for (const file of files) Object.assign(values, await load(file.path, controller))
    const given = params.name === undefined ? values : { [params.name]: values }
    const set = params.hash_behaviour === 'merge' ? merged(given, controller) : given
    return {
      result: { ansible_facts: set, ansible_included_var_files: files.map((file) => file.path) },
      sets: { level: 'include_vars', values: set },
    }
  },
})

interface Search {
  dir?: string | undefined
  depth: number
  files_matching?: string | undefined
  ignore_files: string[]
  extensions: string[]
  ignore_unknown_extensions: boolean
}

/** The variable files of a folder, sorted by name. */
async function filesOf(params: Search, controller: Controller): Promise<LocalFile[]> {
  const extensions = params.extensions.map((extension) => extension.replace(/^\./, ''))
  const found: LocalFile[] = []
  const all = await controller.files(params.dir!, 'vars')
  for (const file of all.sort((a, b) => (a.relative < b.relative ? -1 : 1))) {
    const parts = file.relative.split('/')
    const name = parts.at(-1)!
    if (params.depth > 0 && parts.length > params.depth) continue
    if (params.ignore_files.some((pattern) => pythonRegExp(`${pattern}$`, 'ignore_files', { text: true }).test(name)))
      continue
    if (
      params.files_matching !== undefined &&
      !pythonRegExp(params.files_matching, 'files_matching', { text: true }).test(name)
    )
      continue
    if (!extensions.some((extension) => name.endsWith(`.${extension}`))) {
      if (params.ignore_unknown_extensions) continue
      throw new Problem('bad-parameter', `${file.path} has none of the extensions ${extensions.join(', ')}.`, {
        hint: 'Leave it out with ignore_files, or say ignore_unknown_extensions: true.',
      })
    }
    found.push(file)
  }
  return found
}

/** Maps laid over the maps that the variables hold. */
function merged(given: Record<string, unknown>, controller: Controller): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const old = controller.variable(name)
      if (!isMap(old)) return [name, value]
      if (isMap(value)) return [name, merge(old, value)]
      throw new Problem(
        'bad-parameter',
        `include_vars cannot merge "${name}": it is no map, or holds text to fill in.`,
        {
          hint: 'Merge where it is used: combine(a, b, true).',
        },
      )
    }),
  )
}

function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const old = merged[key]
    merged[key] = isMap(old) && isMap(value) ? merge(old, value) : value
  }
  return merged
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

function load(path: string, controller: Controller): Promise<Record<string, unknown>> {
  if (!controller.variables) throw new Problem('internal', 'include_vars: variables cannot be loaded here.')
  return controller.variables(path)
}
