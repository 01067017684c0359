import type { Change } from '../base/result.ts'
import { markParams } from './marks.ts'
import { resolveMode } from './mode.ts'
import { groupEntry, userEntry } from './reads/account.ts'
import type { Stat } from './stat.ts'
import type { Attributes } from './steps/files.ts'
import type { Host } from './view.ts'

/** The parameters that every module which makes files has. Flags and label (`markParams`) are seen to by the engine. */
export const attributeParams = {
  mode: {
    type: 'string',
    format: 'mode',
    description: 'Octal digits in quotes, or clauses such as u=rw,g=r,o=. Default: as it is, or 0644 (folders 0755).',
  },
  owner: { type: 'string', description: 'Whom it belongs to: a name or a number.' },
  group: { type: 'string', description: 'Its group: a name or a number.' },
  ...markParams,
  unsafe_writes: {
    type: 'boolean',
    default: false,
    description: "Where the new file cannot take the old one's name (one that is mounted), write into the old one.",
  },
} as const

/** The parameters of modules that put a whole new file in the place of an old one. */
export const newFileParams = {
  backup: { type: 'boolean', default: false, description: 'Keep the old file beside the new one.' },
  validate: {
    type: 'string',
    pattern: '%s',
    description: 'A command that must accept the new file (%s) before it takes its place.',
  },
  ...attributeParams,
} as const

/** As given in a playbook; the mode may still be clauses. */
export interface WantedAttributes {
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly unsafe_writes?: boolean | undefined
}

/** What must be set on what is there (nothing: `set` is undefined), and how people see it. A link's mode is left alone. */
export function differingAttributes(
  path: string,
  there: Stat,
  wanted: WantedAttributes,
): { set?: Attributes; changes: Change[] } {
  const changes: Change[] = []
  const set: { mode?: string; owner?: string; group?: string } = {}
  if (wanted.owner !== undefined && !sameAccount(wanted.owner, there.owner, there.uid)) {
    set.owner = wanted.owner
    changes.push({ path: `${path} owner`, before: there.owner, after: wanted.owner })
  }
  if (wanted.group !== undefined && !sameAccount(wanted.group, there.group, there.gid)) {
    set.group = wanted.group
    changes.push({ path: `${path} group`, before: there.group, after: wanted.group })
  }
  if (wanted.mode !== undefined && there.type !== 'link') {
    const mode = resolveMode(wanted.mode, there.mode, there.type === 'directory')
    if (mode !== there.mode) {
      set.mode = mode
      changes.push({ path: `${path} mode`, before: there.mode, after: mode })
    } else if ((set.owner !== undefined || set.group !== undefined) && Number.parseInt(mode, 8) & 0o6000) {
      // chown takes these bits away
      set.mode = mode
    }
  }
  return changes.length === 0 ? { changes } : { set, changes }
}

/** Attributes for something new: the mode in octal digits. */
export function newAttributes(wanted: WantedAttributes, directory: boolean): Attributes {
  return {
    ...(wanted.mode === undefined ? {} : { mode: resolveMode(wanted.mode, directory ? '0755' : '0644', directory) }),
    ...(wanted.owner === undefined ? {} : { owner: wanted.owner }),
    ...(wanted.group === undefined ? {} : { group: wanted.group }),
  }
}

function sameAccount(wanted: string, name: string, id: number): boolean {
  return wanted === name || (/^\d+$/.test(wanted) && Number(wanted) === id)
}

/** Owner or group that the host does not know, as a sentence; undefined when all is well or nobody can know yet. */
export async function unknownAccount(host: Host, wanted: WantedAttributes): Promise<string | undefined> {
  const named = (name: string | undefined) => name !== undefined && name !== 'root' && !/^\d+$/.test(name)
  const [user, group] = await Promise.all([
    named(wanted.owner) ? host.maybe(userEntry, wanted.owner!) : undefined,
    named(wanted.group) ? host.maybe(groupEntry, wanted.group!) : undefined,
  ])
  if (user === null) return `The host knows no user "${wanted.owner}".`
  if (group === null) return `The host knows no group "${wanted.group}".`
  return undefined
}

/** The attributes of what is there, under the names of Ansible's results. */
export function attributeResult(there: Stat): Record<string, unknown> {
  return { mode: there.mode, owner: there.owner, group: there.group, uid: there.uid, gid: there.gid, size: there.size }
}
