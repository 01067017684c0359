import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** A setting of the running kernel. */
export interface Sysctl {
  /** Blanks between words made single. */
  readonly value: string
  /** Why it cannot be set by this user here; undefined when it can. */
  readonly fixed?: string
}

/** `net.ipv4.conf.eth0/100.rp_filter` and `net/ipv4/conf/eth0.100/rp_filter` are the same: the first separator decides. */
export function sysctlPath(key: string): string {
  const first = /[./]/.exec(key)?.[0]
  const path = first === '/' ? key : key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'))
  return `/proc/sys/${path}`
}

/** Values are compared word by word; numbers as numbers. */
export function sameSysctl(one: string, other: string): boolean {
  const left = one.trim().split(/\s+/)
  const right = other.trim().split(/\s+/)
  return left.length === right.length && left.every((word, index) => sameWord(word, right[index]!))
}

function sameWord(one: string, other: string): boolean {
  if (one === other) return true
  const number = /^(-?)(0x[0-9a-f]+|\d+)$/i
  const [a, b] = [number.exec(one), number.exec(other)]
  return a !== null && b !== null && a[1] === b[1] && BigInt(a[2]!) === BigInt(b[2]!)
}

/** One `grep` for all settings; null for what the kernel does not have. */
export const sysctl = defineRead<string, Sysctl | null>({
  name: 'sysctl',
  key: sysctlPath,
  items: (keys) => {
    const paths = keys.map((key) => quote(sysctlPath(key))).join(' ')
    return [
      [
        `grep -sH '' -- ${paths} 2>/dev/null`,
        // A read-only mount refuses root too.
        `for p in ${paths}; do if [ -w "$p" ]; then echo "w $p"; elif [ -e "$p" ]; then echo "r $p"; fi; done >&2`,
        `echo "u $(id -u)" >&2; read -r c </run/systemd/container && echo "c $c" >&2; for f in /.dockerenv /run/.containerenv; do [ -e $f ] && echo "c container" >&2; done 2>/dev/null; :`,
      ].join('\n'),
    ]
  },
  parse: (replies, keys) => {
    const values = new Map<string, string[]>()
    for (const line of replies[0]!.stdout.toString('utf8').split('\n')) {
      const path = keys.map(sysctlPath).find((one) => line.startsWith(`${one}:`))
      if (path) values.set(path, [...(values.get(path) ?? []), line.slice(path.length + 1)])
    }
    const notes = replies[0]!.stderr.toString('utf8').split('\n')
    const container = notes.find((line) => line.startsWith('c '))?.slice(2)
    const root = notes.includes('u 0')
    return keys.map((key) => {
      const path = sysctlPath(key)
      const writable = notes.includes(`w ${path}`)
      if (!writable && !notes.includes(`r ${path}`)) return null
      const why = !root
        ? 'only root may set it'
        : container
          ? `read-only in a container (${container})`
          : 'the kernel does not let it be set'
      const value = (values.get(path) ?? []).join(' ').trim().replace(/\s+/g, ' ')
      return { value, ...(writable ? {} : { fixed: why }) }
    })
  },
  agrees: (predicted, seen) => seen !== null && sameSysctl((predicted as Sysctl).value, seen.value),
})
