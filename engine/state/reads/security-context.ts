import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** The four parts of an SELinux label. */
export interface SecurityContext {
  readonly seuser: string
  readonly serole: string
  readonly setype: string
  readonly selevel: string
}

/** A file's label, and the one that the policy has for its name. Null each where there is none. */
export interface SecurityContexts {
  readonly now: SecurityContext | null
  readonly policy: SecurityContext | null
}

/** Null where the kernel runs without SELinux. The policy knows a path by its folder's real name. */
export const securityContext = defineRead<string, SecurityContexts | null>({
  name: 'security-context',
  key: (path) => path,
  paths: (path) => [path],
  items: (paths) => [
    `[ -e /sys/fs/selinux/enforce ] && for p in ${paths.map(quote).join(' ')}; do l=$(stat -c %C -- "$p" 2>/dev/null) || l=; echo "$l"; case $p in */*) ;; *) p=./$p ;; esac; d=$(cd -P -- "\${p%/*}/" 2>/dev/null && pwd) && p=$d/\${p##*/}; l=$(matchpathcon -n -- "$p" 2>/dev/null) || l=; echo "$l"; done; :`,
  ],
  parse: (replies, paths) => {
    const lines = replies[0]!.stdout.toString('latin1').split('\n')
    return paths.map((_, index) =>
      lines.length < 2 ? null : { now: parsed(lines[index * 2]), policy: parsed(lines[index * 2 + 1]) },
    )
  },
  predicted: (files, path, real) => {
    const file = files.at(path, false)
    if (!file || file.type === 'unchanged') return undefined
    return real().then((contexts) => {
      if (!contexts) return null
      const before = file.overReal ? contexts.now : null
      return { ...contexts, now: file.labelled ? (before ?? contexts.policy) : before }
    })
  },
})

/** `system_u:object_r:etc_t:s0`; the level may hold colons, or be missing. */
function parsed(line = ''): SecurityContext | null {
  const [seuser = '', serole = '', setype = '', ...level] = line.trim().split(':')
  return setype === '' ? null : { seuser, serole, setype, selevel: level.join(':') }
}
