import { quote } from '../../wire/quote.ts'
import type { Manifest } from './manifest.ts'

/** How a cluster is reached, from a host that has kubectl. */
export interface KubeAccess {
  readonly kubectl: string
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** For objects that name none. */
  readonly namespace?: string | undefined
}

/** Their parameters, for modules. */
export const kubeParams = {
  kubeconfig: {
    type: 'string',
    format: 'path',
    description: "The kubeconfig on the host. Default: kubectl's own choice.",
  },
  context: { type: 'string', description: 'The context of it to use. Default: its current one.' },
  kubectl: { type: 'string', default: 'kubectl', description: 'The program, 1.20 or later.' },
} as const

/** Those that may wait, for as long as they are told. */
const PATIENT = ['wait', 'rollout', 'delete']

/**
 * Shell text that runs kubectl once, with the object on its standard input: neither in a file nor in a process list. It leaves no cache
 * behind. With `sent` the object is the step's `send`. It ends with 41 where there is no kubectl, with 42 where the kubeconfig cannot be read.
 */
export function kubectlScript(
  access: KubeAccess,
  words: readonly string[],
  manifest?: Manifest,
  options: { sent?: boolean } = {},
): string {
  const { kubectl, kubeconfig, context } = access
  const namespace = manifest?.metadata.namespace === undefined ? access.namespace : undefined
  const all = [
    kubectl,
    '--cache-dir=/dev/null/none',
    ...(PATIENT.includes(words[0] ?? '') ? [] : ['--request-timeout=30s']),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
    ...words,
  ]
  const input = manifest && !options.sent ? `printf '%s' ${quote(JSON.stringify(manifest))} | ` : ''
  const from = options.sent ? '"$1"' : '/dev/null'
  return [
    `command -v ${quote(kubectl)} >/dev/null 2>&1 || exit 41`,
    ...(kubeconfig === undefined ? [] : [`[ -r ${quote(kubeconfig)} ] || exit 42`]),
    `${input}${all.map(quote).join(' ')}${input === '' ? ` <${from}` : ''}`,
  ].join('\n')
}

/** Why kubectl did not do it: what failed, and what to do. */
export function kubectlTrouble(
  reply: { readonly status: number; readonly stderr: Buffer },
  access: KubeAccess,
): { failed: string; hint?: string } {
  if (reply.status === 41)
    return {
      failed: `The host has no program "${access.kubectl}".`,
      hint: 'Install kubectl there first, name the program in "kubectl", or delegate the task to a master.',
    }
  if (reply.status === 42)
    return {
      failed: `${access.kubeconfig} does not exist on the host, or may not be read.`,
      hint: 'The task may need "become: true".',
    }
  const said = reply.stderr
    .toString('utf8')
    .split('\n')
    // Its log, and its long advice on conflicts.
    .filter((line) => line !== '' && !/^[IWE]\d{4} /.test(line))
  const failed = (said[0] ?? `kubectl ended with ${reply.status}`).replace(/^error: /, '')
  if (/conflict/.test(failed))
    return {
      failed: [failed, ...said.slice(1).filter((line) => line.startsWith('- '))].join(' '),
      hint: 'Another manager set these fields: leave them out, or take them over with server_side_apply: {force_conflicts: true}.',
    }
  if (/refused|no such host|Unable to connect|timeout|no route/i.test(failed))
    return { failed, hint: 'Does the apiserver run, and is the kubeconfig right?' }
  return { failed }
}
