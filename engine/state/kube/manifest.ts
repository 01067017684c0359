import { parseAllDocuments } from 'yaml'
import { Problem } from '../../base/problem.ts'

/** An object of Kubernetes, as its API takes it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [more: string]: unknown }
  readonly [more: string]: unknown
}

/**
 * The objects of a definition: YAML with any number of documents, a map, or a list of them; lists of Kubernetes (kind: List) are taken
 * apart. Throws a Problem 'bad-parameter' that names `what` for all that is no object.
 */
export function manifestsIn(definition: unknown, what: string): Manifest[] {
  const documents = typeof definition === 'string' ? documentsIn(definition, what) : [definition].flat()
  return documents.flatMap((document): Manifest[] => {
    if (document === null || document === undefined) return []
    if (!isMap(document)) throw refused(what, 'is not a map')
    if (String(document['kind']).endsWith('List') && Array.isArray(document['items']))
      return manifestsIn(document['items'], what)
    const { apiVersion, kind, metadata } = document
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw refused(what, 'has no apiVersion or no kind')
    if (!isMap(metadata) || typeof metadata['name'] !== 'string')
      throw refused(what, `is of kind ${kind} and has no metadata.name`)
    return [document as unknown as Manifest]
  })
}

function documentsIn(text: string, what: string): unknown[] {
  // As Kubernetes reads it.
  const documents = parseAllDocuments(text, { version: '1.1', merge: true })
  return ('empty' in documents ? [] : documents).map((document) => {
    const [error] = document.errors
    if (!error) return document.toJS()
    const line = error.linePos?.[0].line
    throw new Problem('bad-parameter', `${what} is not well-formed YAML${line ? ` (line ${line})` : ''}.`)
  })
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refused = (what: string, why: string): Problem =>
  new Problem('bad-parameter', `An object in ${what} ${why}.`, {
    hint: 'It needs apiVersion, kind and metadata.name.',
  })

/** `Deployment web/nginx`, `Namespace web`. */
export function sayManifest({ kind, metadata: { name, namespace } }: Manifest, fallback?: string): string {
  return `${kind} ${(namespace ?? fallback) ? `${namespace ?? fallback}/` : ''}${name}`
}

/** What the API adds, and what says nothing of what was asked for. */
const KEPT_BY_API = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink']

/** The object as far as it can be asked for, in a fixed order: for comparing and for people. */
export function manifestText(manifest: Manifest): string {
  const { status: _, metadata, ...rest } = manifest
  const kept = Object.fromEntries(Object.entries(metadata).filter(([name]) => !KEPT_BY_API.includes(name)))
  return `${JSON.stringify(sorted({ ...rest, metadata: kept }), null, 2)}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  )
}
