import { quote } from '../../wire/quote.ts'

/** How a cluster is reached, from a host that has etcdctl. */
export interface EtcdAccess {
  readonly endpoints: readonly string[]
  readonly cacert?: string
  readonly cert?: string
  readonly key?: string
  readonly etcdctl: string
  /** Seconds. */
  readonly command_timeout: number
}

/** Their parameters, for modules. */
export const etcdParams = {
  endpoints: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    minItems: 1,
    default: ['https://127.0.0.1:2379'],
    description: 'The URLs of the members to ask.',
  },
  cacert: {
    type: 'string',
    format: 'path',
    description: "The authority that signed the members' certificates, on the host.",
  },
  cert: { type: 'string', format: 'path', description: 'The certificate to show them.' },
  key: { type: 'string', format: 'path', description: 'Its private key.' },
  etcdctl: { type: 'string', default: 'etcdctl', description: 'The program, 3.4 or later.' },
  command_timeout: {
    type: 'integer',
    minimum: 1,
    default: 5,
    description: 'Seconds that a member may take to answer.',
  },
} as const

/** Stands before each section of what a script prints; see `etcdSections`. */
export const ETCD_SECTION = '#tsplay '

/**
 * The beginning of a script that asks etcdctl: `e WORDS` runs it, answers as JSON, with its complaints among them. It ends with 41
 * where there is no etcdctl, with 42 (and the file's name) where a file cannot be read.
 */
export function etcdctlScript(access: EtcdAccess): string {
  const flags = [
    `--endpoints=${access.endpoints.join(',')}`,
    `--dial-timeout=${Math.min(access.command_timeout, 2)}s`,
    `--command-timeout=${access.command_timeout}s`,
    ...(access.cacert === undefined ? [] : [`--cacert=${access.cacert}`]),
    ...(access.cert === undefined ? [] : [`--cert=${access.cert}`]),
    ...(access.key === undefined ? [] : [`--key=${access.key}`]),
  ]
  const files = [access.cacert, access.cert, access.key].filter((file) => file !== undefined)
  return `c=${quote(access.etcdctl)}
command -v "$c" >/dev/null 2>&1 || exit 41
for f in ${files.map(quote).join(' ')}; do [ -r "$f" ] || { echo "$f"; exit 42; }; done
unset ETCDCTL_ENDPOINTS ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY ETCDCTL_DIAL_TIMEOUT ETCDCTL_COMMAND_TIMEOUT ETCDCTL_WRITE_OUT ETCDCTL_USER
export ETCDCTL_API=3
e() { "$c" ${flags.map(quote).join(' ')} -w json "$@" 2>&1 </dev/null; }`
}

/** What kept the question itself from being asked; `section` is the first one that a script which ran has printed. */
export function etcdctlTrouble(
  reply: { readonly status: number; readonly output: string },
  { etcdctl }: EtcdAccess,
  section: string,
): { failed: string; hint: string } | undefined {
  if (reply.status === 41) {
    return {
      failed: `The host has no program "${etcdctl}".`,
      hint: 'Install etcd there first, name the program in "etcdctl", or delegate the task to a member.',
    }
  }
  if (reply.status === 42) {
    return {
      failed: `${reply.output.trim()} does not exist on the host, or may not be read.`,
      hint: 'The task may need "become: true".',
    }
  }
  if (reply.output.includes(`${ETCD_SECTION}${section}`)) return undefined
  return {
    failed: `etcdctl could not be asked: ${reply.output.trim().slice(0, 500)}`,
    hint: 'Try the same by hand on the host.',
  }
}
