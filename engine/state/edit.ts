import { Problem } from '../base/problem.ts'
import { newAttributes, newFileParams, type WantedAttributes } from './attributes.ts'
import { lookAtPlace, type Place, type Placed, type PlaceOptions, planPlace } from './placement.ts'
import { bytewise, unbytewise } from './python-regexp.ts'
import type { Host } from './view.ts'

/** The parameters that modules which edit a text have. */
export const editParams = {
  path: { type: 'string', format: 'path', aliases: ['dest', 'destfile', 'name'], description: 'The file.' },
  state: { enum: ['present', 'absent'], default: 'present', description: 'Whether it should be in the file.' },
  create: {
    type: 'boolean',
    default: false,
    description: 'Make the file (and the folders above it) when it is missing.',
  },
  ...newFileParams,
} as const

export interface EditParams extends WantedAttributes {
  readonly path: string
  readonly create: boolean
  readonly backup: boolean
  readonly validate?: string | undefined
}

/** A text after an edit; `text` undefined: there was no file, and there need be none. Bytewise. */
export interface Edited {
  readonly text: string | undefined
  readonly msg: string
  readonly more?: Readonly<Record<string, unknown>>
}

export interface EditState {
  readonly options: PlaceOptions
  readonly place: Place
  readonly edited: Edited
  /** Whether the text became another one. */
  readonly differs: boolean
}

/** Reads the file and edits its text, all in one round trip. `edit` is given undefined when there is no file. */
export async function lookAtEdit(
  host: Host,
  params: EditParams,
  checking: boolean,
  edit: (text: string | undefined) => Edited,
): Promise<EditState | { failed: string; hint?: string; result?: Record<string, unknown> } | { nothing: Edited }> {
  const base = {
    dest: params.path,
    follow: true,
    makeParents: params.create,
    backup: params.backup,
    validate: params.validate,
    unsafe_writes: params.unsafe_writes,
    folders: {},
  }
  const attributes = { mode: params.mode, owner: params.owner, group: params.group }
  const ahead = lookAtPlace(host, { ...base, force: false, content: Buffer.alloc(0), current: null }, checking)
  const [there, bytes] = await Promise.all([
    host.stat(params.path, { follow: true }),
    host.content(params.path).catch((thrown: unknown) => (thrown instanceof Problem ? thrown : Promise.reject(thrown))),
    ahead.catch(() => undefined),
  ])
  if (there?.type === 'directory') return { failed: `Path ${params.path} is a directory !`, result: { rc: 256 } }
  if (bytes instanceof Problem) throw bytes
  const before = bytes === null ? undefined : bytewise(bytes)
  const edited = edit(before)
  if (edited.text === undefined) return { nothing: edited }
  if (before === undefined && !params.create) {
    return {
      failed: `Destination ${params.path} does not exist !`,
      hint: 'create: true makes it.',
      result: { rc: 257 },
    }
  }
  const options: PlaceOptions = { ...base, ...attributes, current: bytes, content: unbytewise(edited.text) }
  return { options, edited, differs: edited.text !== before, place: await lookAtPlace(host, options, checking) }
}

export function planEdit(state: Awaited<ReturnType<typeof lookAtEdit>>, backupKey: 'backup' | 'backup_file') {
  if ('failed' in state) return state
  if ('nothing' in state) return { result: { msg: state.nothing.msg, ...state.nothing.more } }
  const placed: Placed = planPlace(state.place, state.options)
  const { backup_file: backup, ...result } = placed.result
  const said = [
    ...(state.differs ? [state.edited.msg] : []),
    ...(setsAttributes(state, placed) ? ['ownership, perms or SE linux context changed'] : []),
  ]
  return {
    ...placed,
    result: {
      ...result,
      path: state.place.path,
      ...state.edited.more,
      msg: said.join(' and '),
      ...(backup === undefined ? (backupKey === 'backup' ? { backup: '' } : {}) : { [backupKey]: backup }),
    },
  }
}

/** Of a new file: whether it has another mode or owner than it would have by itself. */
function setsAttributes({ place, options }: EditState, placed: Placed): boolean {
  if (place.own) return placed.changes.some((change) => / (mode|owner|group)$/.test(change.path))
  const { mode = '0644' } = newAttributes(options, false)
  const { owner = place.me.user, group = place.me.group } = options
  return mode !== '0644' || owner !== place.me.user || group !== place.me.group
}
