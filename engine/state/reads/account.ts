import type { Reply } from '../../wire/connection.ts'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

export interface UserEntry {
  name: string
  uid: number
  gid: number
  gecos: string
  home: string
  shell: string
}

export interface GroupEntry {
  name: string
  gid: number
  members: string[]
}

/** Lines of a name service database for the keys given; /etc files where there is no getent (busybox). */
function entries(database: 'passwd' | 'group', keys: readonly string[]): string[] {
  const words = keys.map(quote).join(' ')
  return [
    `if command -v getent >/dev/null 2>&1; then getent ${database} -- ${words}; else for __k in ${words}; do grep -E "^($__k:|[^:]*:[^:]*:$__k:)" /etc/${database}; done; fi; :`,
  ]
}

function rows(reply: Reply | undefined): string[][] {
  return (reply?.stdout.toString('utf8') ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(':'))
}

/** A user by name or number; null when the host knows none. */
export const userEntry = defineRead<string, UserEntry | null>({
  name: 'user',
  key: (name) => name,
  paths: () => ['/etc/passwd'],
  items: (names) => entries('passwd', names),
  builtins: () => true,
  parse: (replies, names) => {
    const found = rows(replies[0]).map((row) => ({
      name: row[0]!,
      uid: Number(row[2]),
      gid: Number(row[3]),
      gecos: row[4] ?? '',
      home: row[5] ?? '',
      shell: row[6] ?? '',
    }))
    return names.map(
      (name) => found.find((entry) => entry.name === name) ?? found.find((entry) => String(entry.uid) === name) ?? null,
    )
  },
})

/** A group by name or number; null when the host knows none. */
export const groupEntry = defineRead<string, GroupEntry | null>({
  name: 'group',
  key: (name) => name,
  paths: () => ['/etc/group'],
  items: (names) => entries('group', names),
  builtins: () => true,
  parse: (replies, names) => {
    const found = rows(replies[0]).map((row) => ({
      name: row[0]!,
      gid: Number(row[2]),
      members: (row[3] ?? '').split(',').filter(Boolean),
    }))
    return names.map(
      (name) => found.find((entry) => entry.name === name) ?? found.find((entry) => String(entry.gid) === name) ?? null,
    )
  },
})

/** The names of the groups that a user is in. */
export interface Memberships {
  /** '' where there is no such user. */
  readonly primary: string
  readonly others: readonly string[]
}

export const memberships = defineRead<string, Memberships>({
  name: 'memberships',
  key: (name) => name,
  paths: () => ['/etc/passwd', '/etc/group'],
  items: (names) => [
    `for __k in ${names.map(quote).join(' ')}; do id -gn -- "$__k" 2>/dev/null && id -Gn -- "$__k" 2>/dev/null || echo; echo --; done`,
  ],
  builtins: () => true,
  parse: ([reply], names) => {
    const parts = (reply?.stdout.toString('utf8') ?? '').split('--\n')
    return names.map((_, index) => {
      const [primary = '', all = ''] = parts[index]!.split('\n')
      return { primary, others: all.split(' ').filter((name) => name !== '' && name !== primary) }
    })
  },
})

export interface ShadowEntry {
  /** What crypt(3) made of the password; `!` before it locks it. */
  readonly hash: string
  /** Days since 1970, or '' for never. */
  readonly expires: string
  /** Days that a password must, and may, be kept; '' where nothing is said. */
  readonly least?: string
  readonly most?: string
}

/** What /etc/shadow has of a user; null where it has nothing, or may not be read. */
export const shadowEntry = defineRead<string, ShadowEntry | null>({
  name: 'shadow',
  key: (name) => name,
  paths: () => ['/etc/shadow'],
  items: (names) => [
    `for __k in ${names.map(quote).join(' ')}; do getent shadow -- "$__k" 2>/dev/null || grep "^$__k:" /etc/shadow 2>/dev/null; done; :`,
  ],
  builtins: () => true,
  parse: (replies, names) => {
    const found = rows(replies[0])
    return names.map((name) => {
      const row = found.find((one) => one[0] === name)
      return row ? { hash: row[1] ?? '', expires: row[7] ?? '', least: row[3] ?? '', most: row[4] ?? '' } : null
    })
  },
  // A system may write `!`, `!!` or `*` where there is no password.
  agrees: (predicted, seen) => {
    const said = predicted as ShadowEntry | null
    if (!said || !seen) return said === seen
    const none = (hash: string) => hash.replace(/^(!+|\*)$/, '!')
    return none(said.hash) === none(seen.hash) && said.expires === seen.expires
  },
})
