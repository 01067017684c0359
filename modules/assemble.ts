import { posix } from 'node:path'
import {
  type Controller,
  defineModule,
  type Host,
  lookAtPlace,
  newFileParams,
  type Place,
  type PlaceOptions,
  planPlace,
  pythonRegExp,
  stat,
  type WantedAttributes,
} from 'tsplay'

interface Params extends WantedAttributes {
  src: string
  dest: string
  remote_src: boolean
  regexp?: string | undefined
  delimiter?: string | undefined
  ignore_hidden: boolean
  decrypt: boolean
  backup: boolean
  validate?: string | undefined
}

export default defineModule({
  summary: 'Put the files of a folder together as one.',
  description: 'In the order of their names; folders in it are left out.',
  params: {
    type: 'object',
    properties: {
      src: { type: 'string', description: 'The folder with the parts.' },
      dest: { type: 'string', format: 'path', description: 'The file to make.' },
      remote_src: { type: 'boolean', default: true, description: 'src is on the host; with false, on the controller.' },
      regexp: { type: 'string', format: 'regexp', description: 'Only parts whose name this Python pattern finds.' },
      delimiter: { type: 'string', description: 'A line between the parts; \\n in it is a line end.' },
      ignore_hidden: { type: 'boolean', default: false, description: 'Leave out names that begin with a dot.' },
      decrypt: {
        type: 'boolean',
        default: true,
        description: 'Open parts of the controller that are sealed in a vault.',
      },
      ...newFileParams,
    },
    required: ['src', 'dest'],
    additionalProperties: false,
  },
  returns: { dest: 'where it is', checksum: 'SHA-1 of the content', backup_file: 'where the old file was kept' },
  examples: [
    {
      title: 'One file of several',
      given: `- file: {path: /tmp/tsplay-parts, state: directory}\n- copy: {dest: /tmp/tsplay-parts/10-a, content: "a\\n"}\n- copy: {dest: /tmp/tsplay-parts/20-b, content: "b\\n"}`,
      yaml: `- assemble:\n    src: /tmp/tsplay-parts\n    dest: /tmp/tsplay-whole\n    delimiter: '# ---'`,
    },
  ],
  contained: true,
  async probe(
    host,
    given,
    controller,
  ): Promise<{ place: Place; options: PlaceOptions } | { failed: string; hint?: string }> {
    const params = given as Params
    const parts = params.remote_src ? await partsOfHost(host, params) : await partsOfController(controller, params)
    if (parts === null)
      return {
        failed: `${params.src} is no folder of the host.`,
        hint: 'With "remote_src: false" the parts are files of the controller.',
      }
    const options: PlaceOptions = {
      dest: params.dest,
      content: joined(parts, params.delimiter),
      follow: false,
      backup: params.backup,
      validate: params.validate,
      unsafe_writes: params.unsafe_writes,
      mode: params.mode,
      owner: params.owner,
      group: params.group,
    }
    return { place: await lookAtPlace(host, options, controller.checking), options }
  },
  plan: (state) => ('failed' in state ? state : planPlace(state.place, state.options)),
})

async function partsOfHost(host: Host, params: Params): Promise<Buffer[] | null> {
  const names = await host.list(params.src)
  if (names === null) return null
  const paths = names.filter(chosen(params)).map((name) => posix.join(params.src, name))
  const stats = await Promise.all(paths.map((path) => host.read(stat, { path, follow: true })))
  const files = paths.filter((_, index) => stats[index]?.type === 'file')
  const contents = await Promise.all(files.map((path) => host.content(path)))
  return contents.filter((content) => content !== null)
}

async function partsOfController(controller: Controller, params: Params): Promise<Buffer[]> {
  const files = await controller.files(params.src, 'files', { decrypt: params.decrypt })
  const own = files.filter((file) => !file.relative.includes('/')).filter((file) => chosen(params)(file.relative))
  own.sort((a, b) => (a.relative < b.relative ? -1 : 1))
  return Promise.all(own.map((file) => file.content()))
}

function chosen({ regexp, ignore_hidden }: Params): (name: string) => boolean {
  const pattern = regexp === undefined ? undefined : pythonRegExp(regexp, 'regexp', { text: true })
  return (name) => (!pattern || pattern.test(name)) && !(ignore_hidden && name.startsWith('.'))
}

/** Parts that do not end their last line are ended; between them stands the delimiter, on a line of its own. */
function joined(parts: readonly Buffer[], delimiter: string | undefined): Buffer {
  const line = delimiter?.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
  const between = line === undefined || line === '' ? '' : line.endsWith('\n') ? line : `${line}\n`
  return Buffer.concat(
    parts.flatMap((part, index) => {
      if (index === 0) return [part]
      return [Buffer.from(`${parts[index - 1]!.at(-1) === 10 ? '' : '\n'}${between}`), part]
    }),
  )
}
