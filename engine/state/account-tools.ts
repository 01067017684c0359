import { quote } from '../wire/quote.ts'
import { commandPath } from './reads/command-path.ts'
import type { Host } from './view.ts'

/** The programs that change accounts: shadow's (useradd), or busybox's (adduser), which can do less. */
export type AccountTools = 'shadow' | 'busybox' | null

/** Which a host has. Debian's own adduser rests on useradd, so that counts first. */
export async function accountTools(host: Host): Promise<AccountTools> {
  const [shadow, busybox] = await Promise.all(['useradd', 'adduser'].map((name) => host.read(commandPath, name)))
  return shadow ? 'shadow' : busybox ? 'busybox' : null
}

export interface NewUser {
  readonly name: string
  readonly uid?: number | undefined
  readonly nonUnique: boolean
  readonly group?: string | undefined
  /** A group with the user's name is there already. */
  readonly namesake: boolean
  readonly groups: readonly string[]
  readonly comment?: string | undefined
  readonly home?: string | undefined
  readonly shell?: string | undefined
  /** YYYY-MM-DD */
  readonly expires?: string | undefined
  readonly createHome: boolean
  readonly skeleton?: string | undefined
  readonly system: boolean
  /** Of the home folder, octal. */
  readonly umask?: string | undefined
  readonly seuser?: string | undefined
}

/** Shell text that adds a user. */
export function addUser(tools: AccountTools, user: NewUser): string {
  return tools === 'busybox' ? busyboxAdd(user) : shadowAdd(user)
}

function shadowAdd(user: NewUser): string {
  const words: string[] = []
  if (user.uid !== undefined) words.push('-u', String(user.uid))
  if (user.nonUnique) words.push('-o')
  if (user.group !== undefined) words.push('-g', quote(user.group))
  else if (user.namesake) words.push('-N')
  if (user.groups.length > 0) words.push('-G', quote(user.groups.join(',')))
  if (user.comment !== undefined) words.push('-c', quote(user.comment))
  if (user.home !== undefined) words.push('-d', quote(user.home))
  if (user.shell !== undefined) words.push('-s', quote(user.shell))
  if (user.expires !== undefined) words.push('-e', user.expires)
  words.push(
    ...(user.createHome ? ['-m', ...(user.skeleton === undefined ? [] : ['-k', quote(user.skeleton)])] : ['-M']),
  )
  if (user.system) words.push('-r')
  if (user.umask !== undefined) words.push('-K', `UMASK=${user.umask}`)
  if (user.seuser !== undefined) words.push('-Z', quote(user.seuser))
  return `useradd ${words.join(' ')} -- ${quote(user.name)}`
}

function busyboxAdd(user: NewUser): string {
  const words = ['-D', '-g', quote(user.comment ?? '')]
  if (user.uid !== undefined) words.push('-u', String(user.uid))
  const group = user.group ?? (user.namesake ? user.name : undefined)
  if (group !== undefined) words.push('-G', quote(group))
  if (user.home !== undefined) words.push('-h', quote(user.home))
  if (user.shell !== undefined) words.push('-s', quote(user.shell))
  if (!user.createHome) words.push('-H')
  else if (user.skeleton !== undefined) words.push('-k', quote(user.skeleton))
  if (user.system) words.push('-S')
  const joins = user.groups.map((one) => ` && addgroup -- ${quote(user.name)} ${quote(one)}`)
  return `adduser ${words.join(' ')} -- ${quote(user.name)}${joins.join('')}`
}

/** Shell text that removes a user. busybox's takes `--` for a name. */
export function removeUser(tools: AccountTools, name: string, how: { files: boolean; force: boolean }): string {
  if (tools === 'busybox') return `deluser ${how.files ? '--remove-home ' : ''}${quote(name)}`
  const words = ['userdel', ...(how.force ? ['-f'] : []), ...(how.files ? ['-r'] : []), '--', quote(name)]
  // userdel says 12 when only the home folder or mail was not there.
  return `${words.join(' ')} || { s=$?; [ $s -eq 12 ] || exit $s; }`
}

export interface BusyboxChange {
  /** Groups beside the primary one. */
  readonly add?: readonly string[]
  readonly drop?: readonly string[]
  readonly locks?: boolean | undefined
}

/** Shell text for all that busybox can change of a user. */
export function changeWithBusybox(name: string, { add = [], drop = [], locks }: BusyboxChange): string {
  return [
    ...add.map((group) => `addgroup -- ${quote(name)} ${quote(group)}`),
    ...drop.map((group) => `delgroup ${quote(name)} ${quote(group)}`),
    ...(locks === undefined ? [] : [`passwd ${locks ? '-l' : '-u'} ${quote(name)}`]),
  ].join(' && ')
}

export interface GroupWords {
  readonly name: string
  readonly gid?: number | undefined
  readonly nonUnique: boolean
  readonly system: boolean
}

/** Shell text that adds a group. */
export function addGroup(tools: AccountTools, { name, gid, nonUnique, system }: GroupWords): string {
  const number = gid === undefined ? [] : ['-g', String(gid)]
  if (tools === 'busybox') return ['addgroup', ...number, ...(system ? ['-S'] : []), '--', quote(name)].join(' ')
  const words = ['groupadd', ...number, ...(nonUnique ? ['-o'] : []), ...(system ? ['-r'] : [])]
  return [...words, '--', quote(name)].join(' ')
}

/** Shell text that removes a group. */
export function removeGroup(tools: AccountTools, name: string, force: boolean): string {
  if (tools === 'busybox') return `delgroup ${quote(name)}`
  return ['groupdel', ...(force ? ['-f'] : []), '--', quote(name)].join(' ')
}
