import type { Change } from '../base/result.ts'
import { isUnknown, type Unknown } from '../base/unknown.ts'
import { differingAttributes, type WantedAttributes } from './attributes.ts'
import { lookAtPlace, type Place, type PlaceOptions, planPlace } from './placement.ts'
import { content } from './reads/content.ts'
import type { Content, Step } from './step.ts'
import { setAttributes } from './steps/files.ts'
import type { Host } from './view.ts'

/** One of the files that a task makes together: a certificate and its key, the halves of a key pair. */
export interface Part {
  readonly options: PlaceOptions
  readonly place: Place
  /** Its content is never shown. */
  readonly secret: boolean
  /** A dry run made it already, by the same order. */
  readonly asPredicted: boolean
  /** What people see of the old and the new content. */
  readonly said?: { readonly before?: string | undefined; readonly after?: string | undefined } | undefined
}

export interface PartOrder extends WantedAttributes {
  readonly path: string
  readonly content: Content
  readonly secret?: boolean
  readonly said?: Part['said']
  /** Make missing folders above, with this mode. */
  readonly parents?: string | undefined
}

/** A file's text, null, or why nobody knows it in a dry run; asks in the same tick all that `partOf` will need. */
export async function lookAtText(host: Host, path: string, parents?: string): Promise<string | null | Unknown> {
  const empty = { dest: path, content: Buffer.alloc(0), follow: true, force: false, makeParents: parents !== undefined }
  const [text] = await Promise.all([host.maybe(content, path), lookAtPlace(host, empty, true)])
  return Buffer.isBuffer(text) ? text.toString('utf8') : text
}

/** Looks at where a file shall be, now that it is known what shall be in it. */
export async function partOf(
  host: Host,
  order: PartOrder,
  there: string | null | Unknown,
  checking: boolean,
): Promise<Part> {
  const { path, secret = false, said, parents, ...rest } = order
  const options = { ...rest, dest: path, follow: true, makeParents: parents !== undefined, directoryMode: parents }
  const wanted = Buffer.isBuffer(order.content) || 'file' in order.content ? undefined : order.content.unknown
  const asPredicted = isUnknown(there) && wanted !== undefined && there.reason === wanted.reason
  return { options, place: await lookAtPlace(host, options, checking), secret, asPredicted, said }
}

/** What must be done for all of them. Pure. */
export function planParts(parts: readonly Part[]): {
  changes: Change[]
  steps: Step[]
  warnings: string[]
  failed?: string
  mayChange?: string
} {
  const planned = parts.map(planPart)
  const failed = planned.find((part) => part.failed !== undefined)?.failed
  const unsure = planned.find((part) => part.mayChange !== undefined)?.mayChange
  const sure = planned.some((part) => part.steps.length > 0 && part.mayChange === undefined)
  return {
    // A folder above several of them is made, and told, once.
    changes: once(
      planned.flatMap((part) => part.changes),
      (change) => change.path,
    ),
    steps: once(
      planned.flatMap((part) => part.steps),
      (step) => step.show,
    ),
    warnings: [...new Set(planned.flatMap((part) => part.warnings))],
    ...(failed === undefined ? {} : { failed }),
    ...(unsure === undefined || sure ? {} : { mayChange: unsure }),
  }
}

function once<T>(all: readonly T[], id: (one: T) => string): T[] {
  const seen = new Set<string>()
  return all.filter((one) => !seen.has(id(one)) && seen.add(id(one)))
}

function planPart({ options, place, secret, asPredicted, said }: Part): {
  changes: Change[]
  steps: Step[]
  warnings: readonly string[]
  failed?: string
  mayChange?: string
} {
  if (asPredicted && place.failed === undefined && place.target) {
    const { set, changes } = differingAttributes(place.path, place.target, options)
    return { changes, steps: set ? [setAttributes(place.path, set)] : [], warnings: [] }
  }
  const { changes, ...planned } = planPlace(place, options)
  return { ...planned, changes: changes.map((change) => shown(change, place.path, secret, said)) }
}

function shown(change: Change, path: string, secret: boolean, said: Part['said']): Change {
  if (change.path !== path) return change
  const before = change.before === undefined ? undefined : (said?.before ?? (secret ? '(secret)' : change.before))
  const after = change.after === undefined ? undefined : (said?.after ?? (secret ? '(secret)' : change.after))
  return { path, before, after, ...(secret && !said ? { secret: true } : {}) }
}
