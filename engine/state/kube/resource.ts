import { createHash } from 'node:crypto'
import type { Reply } from '../../wire/connection.ts'
import { defineRead } from '../read.ts'
import { type KubeAccess, kubectlScript, kubectlTrouble } from './kubectl.ts'
import type { Manifest } from './manifest.ts'

export type KubeTrouble = ReturnType<typeof kubectlTrouble>

export interface KubeAsk {
  readonly access: KubeAccess
  readonly manifest: Manifest
  /** What applying it would make of it; undefined: only what is there is asked. */
  readonly apply?: readonly string[] | undefined
}

export interface KubeLook {
  /** null: there is none. */
  readonly live: Manifest | null
  /** As the API itself says it would be; null: it was not asked, or it says that it cannot be, and why. */
  readonly next: Manifest | null
  readonly trouble?: KubeTrouble
  /** A dry run's prediction. */
  readonly foreseen?: boolean
}

const digestOf = (...parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** An object as it is, and as the API says that it would be after applying (a dry run of the server: nothing is changed). */
export const kubeResource = defineRead<KubeAsk, KubeLook>({
  name: 'kube-resource',
  key: ({ access, manifest, apply }) => digestOf(access, manifest, apply !== undefined),
  volatile: true,
  items: (asks) =>
    asks.flatMap(({ access, manifest, apply }) => [
      kubectlScript(access, ['get', '--ignore-not-found', '-o', 'json', '-f', '-'], manifest),
      apply ? kubectlScript(access, [...apply, '--dry-run=server', '-o', 'json'], manifest) : ':',
    ]),
  parse: (replies, asks) =>
    asks.map(({ access, apply }, index) => {
      const [got, tried] = [replies[2 * index]!, replies[2 * index + 1]!]
      if (got.status !== 0) return { live: null, next: null, trouble: kubectlTrouble(got, access) }
      const [live = null] = objectsOf(got)
      if (!apply) return { live, next: null }
      if (tried.status !== 0) return { live, next: null, trouble: kubectlTrouble(tried, access) }
      return { live, next: objectsOf(tried)[0] ?? null }
    }),
})

export interface KubeListAsk {
  readonly access: KubeAccess
  /** What follows `kubectl get`. */
  readonly words: readonly string[]
}

/** Objects by kind, name and selectors; also why they could not be had. */
export const kubeResources = defineRead<KubeListAsk, { items: Manifest[]; trouble?: KubeTrouble }>({
  name: 'kube-resources',
  key: ({ access, words }) => digestOf(access, words),
  volatile: true,
  items: (asks) =>
    asks.map(({ access, words }) => kubectlScript(access, ['get', ...words, '--ignore-not-found', '-o', 'json'])),
  parse: (replies, asks) =>
    asks.map(({ access }, index) => {
      const reply = replies[index]!
      if (reply.status !== 0) return { items: [], trouble: kubectlTrouble(reply, access) }
      return { items: objectsOf(reply) }
    }),
})

/**
 * Whether a namespace, or a kind of objects (`GROUP/KIND`), is known, asked where another look says that it is not; or whether a dry run
 * has changed an object.
 */
export const kubeKnown = defineRead<
  { access: KubeAccess; what: 'namespace' | 'kind' | 'change'; name: string },
  boolean
>({
  name: 'kube-known',
  key: ({ access: { kubeconfig, context }, what, name }) => digestOf(kubeconfig, context, what, name),
  volatile: true,
  items: (asks) =>
    asks.map(({ access, what, name }) =>
      what === 'change'
        ? ':'
        : what === 'namespace'
          ? kubectlScript(access, ['get', 'namespace', name, '-o', 'name', '--ignore-not-found'])
          : kubectlScript(access, [
              'get',
              'crd',
              '-o',
              'jsonpath={range .items[*]}{.spec.group}/{.spec.names.kind}{"\\n"}{end}',
            ]),
    ),
  parse: (replies, asks) =>
    asks.map(({ what, name }, index) => {
      const lines = replies[index]!.stdout.toString('utf8').split('\n').filter(Boolean)
      return what === 'kind' ? lines.includes(name) : lines.length > 0
    }),
})

/** kubectl prints one object as itself or as a list, by how it was asked for. */
function objectsOf(reply: Reply): Manifest[] {
  const text = reply.stdout.toString('utf8').trim()
  if (text === '') return []
  const found = JSON.parse(text) as Manifest & { readonly items?: Manifest[] }
  return found.items ?? [found]
}
