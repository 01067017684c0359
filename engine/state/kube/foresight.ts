import { TouchedUnknown, Unknown } from '../../base/unknown.ts'
import type { Effect } from '../effect.ts'
import type { Host } from '../view.ts'
import type { KubeAccess } from './kubectl.ts'
import { type Manifest, sayManifest } from './manifest.ts'
import { type KubeAsk, kubeKnown, kubeResource, kubeResources } from './resource.ts'

type Known = Parameters<typeof kubeKnown.key>[0]['what']

/**
 * Whether what the API says to be missing (a namespace, a kind) is to be made: by one of the objects before it, or, in a dry run, by a
 * task before this one.
 */
export async function isToCome(
  host: Host,
  access: KubeAccess,
  complaint: string,
  earlier: readonly Manifest[],
): Promise<boolean> {
  const namespace = /namespaces "([^"]+)" not found/.exec(complaint)?.[1]
  if (namespace !== undefined)
    return earlier.some((one) => namespaceOf(one) === namespace) || isForeseen(host, access, 'namespace', namespace)
  const [, kind, group] = /no matches for kind "([^"]+)" in version "([^"/]+)\//.exec(complaint) ?? []
  if (kind === undefined) return false
  const name = `${group}/${kind}`
  return earlier.some((one) => kindOf(one) === name) || isForeseen(host, access, 'kind', name)
}

/** Ends the probe where a dry run has changed the object in another way than this task would. */
export async function refuseToGuess(host: Host, access: KubeAccess, manifest: Manifest): Promise<void> {
  if (!(await isForeseen(host, access, 'change', identityOf(manifest, access)))) return
  throw new TouchedUnknown(new Unknown(`${sayManifest(manifest, access.namespace)}, which another task would change`))
}

const isForeseen = (host: Host, access: KubeAccess, what: Known, name: string): Promise<boolean> =>
  host.read(kubeKnown, { access, what, name })

/** What later looks see once an object is applied (`next`) or deleted (null). */
export function kubeEffects(ask: KubeAsk, next: Manifest | null): Effect[] {
  const { access, manifest } = ask
  const known = (what: Known, name: string): Effect => ({
    read: kubeKnown.name,
    key: kubeKnown.key({ access, what, name }),
    gives: next !== null || what === 'change',
  })
  const [namespace, kind] = [namespaceOf(manifest), kindOf(manifest)]
  return [
    { read: kubeResource.name, key: kubeResource.key(ask), gives: { live: next, next, foreseen: true } },
    { outdates: kubeResources.name, why: `${sayManifest(manifest, access.namespace)}, which would change` },
    known('change', identityOf(manifest, access)),
    ...(namespace === undefined ? [] : [known('namespace', namespace)]),
    ...(kind === undefined ? [] : [known('kind', kind)]),
  ]
}

const identityOf = ({ apiVersion, kind, metadata }: Manifest, { namespace }: KubeAccess): string =>
  [apiVersion, kind, metadata.namespace ?? namespace ?? '', metadata.name].join(' ')

/** The namespace that an object is. */
const namespaceOf = ({ apiVersion, kind, metadata }: Manifest): string | undefined =>
  apiVersion === 'v1' && kind === 'Namespace' ? metadata.name : undefined

/** The kind of objects that a CustomResourceDefinition makes known. */
function kindOf({ kind, spec }: Manifest): string | undefined {
  if (kind !== 'CustomResourceDefinition') return undefined
  const { group, names } = (spec ?? {}) as { group?: string; names?: { kind?: string } }
  return `${group}/${names?.kind}`
}
