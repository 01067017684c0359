import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** A module of the running kernel. */
export interface KernelModule {
  readonly state: 'loaded' | 'builtin' | 'available' | 'missing'
  /** Why it cannot be loaded or removed here, whatever its state. */
  readonly barred?: string
}

/** Dashes and underscores are the same in module names. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_')
}

/**
 * One `grep` over the kernel's lists for all names. Built in: in modules.builtin, or known to the kernel without having
 * been loaded. An alias has the state of what it stands for.
 */
export const kernelModule = defineRead<string, KernelModule>({
  name: 'kernel-module',
  key: moduleName,
  items: (names) => {
    const choice = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[-_]/g, '[-_]')).join('|')
    return [
      [
        'read -r k </proc/sys/kernel/osrelease; d=/lib/modules/$k; [ -d "$d" ] || d=/usr/lib/modules/$k',
        `grep -sHE ${quote(`(^|/)(${choice})\\.ko|^alias (${choice}) `)} "$d/modules.dep" "$d/modules.builtin" "$d/modules.alias" 2>/dev/null`,
        `for m in /sys/module/*; do if [ -e "$m/initstate" ]; then echo "loaded \${m##*/}"; else echo "builtin \${m##*/}"; fi; done`,
        'echo "kernel $k"; [ -d "$d" ] || echo nomodules',
        'while read -r n v; do [ "$n" = CapEff: ] && echo "caps $v"; done </proc/self/status',
        'command -v modprobe >/dev/null 2>&1 || echo nomodprobe',
        'read -r c </run/systemd/container && echo "container $c"; for f in /.dockerenv /run/.containerenv; do [ -e $f ] && echo "container container"; done; :',
      ].join('\n'),
    ]
  },
  parse: (replies, names) => {
    const lines = replies[0]!.stdout.toString('utf8').split('\n')
    const known = new Map<string, KernelModule['state']>()
    const aliases = new Map<string, string>()
    for (const line of lines) {
      const listed = /^[^:]*\/modules\.(dep|builtin):(?:[^:]*\/)?([^/:]+)\.ko/.exec(line)
      const alias = /^[^:]*\/modules\.alias:alias (\S+) (\S+)/.exec(line)
      if (listed) known.set(moduleName(listed[2]!), listed[1] === 'dep' ? 'available' : 'builtin')
      else if (alias) aliases.set(moduleName(alias[1]!), moduleName(alias[2]!))
    }
    for (const line of lines) {
      const live = /^(loaded|builtin) (\S+)$/.exec(line)
      if (live) known.set(moduleName(live[2]!), live[1] as 'loaded' | 'builtin')
    }
    const why = bar(lines)
    return names.map((name) => {
      const own = moduleName(name)
      const target = aliases.get(own)
      const state = known.get(own) ?? (target === undefined ? 'missing' : (known.get(target) ?? 'available'))
      return { state, ...(why === undefined ? {} : { barred: why }) }
    })
  },
  agrees: (predicted, seen) =>
    (predicted as KernelModule).state === seen.state ||
    ((predicted as KernelModule).state === 'loaded' && seen.state === 'builtin'),
})

const CAP_SYS_MODULE = 1n << 16n

function bar(lines: readonly string[]): string | undefined {
  const word = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)
  const container = word('container')
  const caps = word('caps')
  if (container !== undefined && (lines.includes('nomodules') || lines.includes('nomodprobe')))
    return `a container (${container}) uses the modules of its host's kernel`
  if (lines.includes('nomodules')) return `the host has no modules for its kernel ${word('kernel') ?? ''}`.trim()
  if (caps !== undefined && (BigInt(`0x${caps}`) & CAP_SYS_MODULE) === 0n)
    return container === undefined ? 'only root may load modules' : `a container (${container}) may not load modules`
  if (lines.includes('nomodprobe')) return 'the host has no modprobe (package kmod)'
  return undefined
}
