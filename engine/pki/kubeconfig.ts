import { isMap, parseDocument, stringify } from 'yaml'
import { Problem } from '../base/problem.ts'

export interface KubeconfigParts {
  readonly cluster: string
  /** `https://192.168.1.34:6443` */
  readonly server: string
  /** The cluster's authority, PEM. */
  readonly caPem: string
  readonly user: string
  readonly certPem: string
  /** A secret. */
  readonly keyPem: string
  /** `USER@CLUSTER` when left out. */
  readonly context?: string
  readonly namespace?: string
}

/** The map that kubectl keeps in the file. */
export interface Kubeconfig {
  apiVersion: 'v1'
  kind: 'Config'
  preferences: Record<string, never>
  clusters: { name: string; cluster: Record<string, unknown> }[]
  contexts: { name: string; context: Record<string, unknown> }[]
  users: { name: string; user: Record<string, unknown> }[]
  'current-context': string
}

/**
 * What `kubectl config set-cluster`, `set-credentials`, `set-context` (with --embed-certs) and `use-context` make of a
 * new file.
 */
export function buildKubeconfig(given: KubeconfigParts): Kubeconfig {
  const context = given.context ?? `${given.user}@${given.cluster}`
  if (!/^https?:\/\/[^\s/]+/.test(given.server)) {
    throw new Problem('pki', `The server of the kubeconfig is ${JSON.stringify(given.server)}, which is not a URL`, {
      hint: 'Write it as https://HOST:6443.',
    })
  }
  return {
    apiVersion: 'v1',
    clusters: [
      { cluster: { 'certificate-authority-data': base64(given.caPem), server: given.server }, name: given.cluster },
    ],
    contexts: [
      {
        context: {
          cluster: given.cluster,
          ...(given.namespace ? { namespace: given.namespace } : {}),
          user: given.user,
        },
        name: context,
      },
    ],
    'current-context': context,
    kind: 'Config',
    preferences: {},
    users: [
      {
        name: given.user,
        user: { 'client-certificate-data': base64(given.certPem), 'client-key-data': base64(given.keyPem) },
      },
    ],
  }
}

/** The file's text, byte for byte as kubectl writes it. It holds the private key. */
export function writeKubeconfig(config: Kubeconfig): string {
  return stringify(config, { indentSeq: false, lineWidth: 0, version: '1.1' })
}

/** Reads a kubeconfig, YAML or JSON. One that cannot be read is a Problem 'pki', which never quotes it. */
export function parseKubeconfig(text: string, what = 'the kubeconfig'): Record<string, unknown> {
  const document = parseDocument(text, { version: '1.1' })
  const broken = document.errors[0]
  if (broken || !isMap(document.contents)) {
    const line = broken?.linePos?.[0].line
    throw new Problem(
      'pki',
      `What ${what} holds is not ${broken ? 'well-formed YAML' : 'a map'}${line ? ` (line ${line})` : ''}`,
      {
        hint: 'Move it away to have it written anew.',
      },
    )
  }
  return document.toJS() as Record<string, unknown>
}

/**
 * Why an existing kubeconfig does not do what it should, in words; empty: equal in effect. Order, comments, defaults
 * written
 * out, and further clusters, contexts and users make no difference.
 */
export function kubeconfigDifferences(existing: string, wanted: Kubeconfig): string[] {
  let is: Record<string, unknown>
  try {
    is = parseKubeconfig(existing)
  } catch {
    return ['it cannot be read']
  }
  const reasons: string[] = []
  for (const [list, part] of [
    ['clusters', 'cluster'],
    ['contexts', 'context'],
    ['users', 'user'],
  ] as const) {
    for (const entry of wanted[list] as { name: string }[]) {
      const there = find(is[list], entry.name)
      const asked = (entry as Record<string, unknown>)[part] as Record<string, unknown>
      if (!there) reasons.push(`the ${part} ${entry.name} is missing`)
      else reasons.push(...compare(`${part} ${entry.name}`, bodyOf(there, part), asked))
    }
  }
  const [current, asked] = [is['current-context'] ?? '', wanted['current-context']]
  if (current !== asked) {
    reasons.push(`the current context is ${JSON.stringify(current)}, not ${JSON.stringify(asked)}`)
  }
  return reasons
}

function compare(what: string, is: Record<string, unknown>, asked: Record<string, unknown>): string[] {
  const reasons: string[] = []
  for (const key of new Set([...Object.keys(is), ...Object.keys(asked)])) {
    if (effect(is[key]) === effect(asked[key])) continue
    // Data fields hold certificates and keys: they are named, not shown.
    const hidden = /-data$|token|password/.test(key)
    const field = `${key} of the ${what}`
    if (effect(is[key]) === '') reasons.push(`${field} is not set`)
    else if (effect(asked[key]) === '')
      reasons.push(`${field} is set${hidden ? '' : ` to ${JSON.stringify(is[key])}`} and should not be`)
    else if (hidden) reasons.push(`${field} differs`)
    else reasons.push(`${field} is ${JSON.stringify(is[key])}, not ${JSON.stringify(asked[key])}`)
  }
  return reasons
}

/** false, empty and absent are one to kubectl; base64 may be broken into lines. */
function effect(value: unknown): string {
  if (value === undefined || value === null || value === false || value === '') return ''
  return typeof value === 'string' ? value.replace(/\s+$/g, '').replace(/\n/g, '') : JSON.stringify(value)
}

function find(list: unknown, name: string): Record<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined
  return list.find(
    (entry: unknown) => typeof entry === 'object' && entry !== null && (entry as { name?: unknown }).name === name,
  )
}

function bodyOf(entry: Record<string, unknown>, part: string): Record<string, unknown> {
  const body = entry[part]
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
