import type { Unknown } from '../base/unknown.ts'

/** A file as a step will leave it. Fields that are missing stay as they are. */
export interface FileEffect {
  readonly path: string
  /** `absent`: the path and all below it are gone. */
  readonly type: 'file' | 'directory' | 'link' | 'absent' | 'unchanged'
  /** Four octal digits. */
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly content?: Buffer | Unknown
  /** When the content is not at hand but its SHA-256 is. */
  readonly sha256?: string
  readonly size?: number
  /** Seconds since 1970. */
  readonly mtime?: number
  /** It has the SELinux label of the file that it replaces, or else the policy's. */
  readonly labelled?: true
  /** Where a link points. */
  readonly target?: string
}

/** What a later look would see, as a step says beforehand. */
export type Effect =
  | { readonly file: FileEffect }
  /** The look `read`/`key` will answer `gives` (or be unknown). */
  | { readonly read: string; readonly key: string; readonly gives: unknown }
  /** Answers of this kind (and key) may be different now; `why` is said when a dry run then needs one. */
  | { readonly outdates: string; readonly key?: string; readonly why: string }
  /** What is missing of this kind now may be there then: a package brings units, commands, users with it. */
  | { readonly brings: string; readonly why: string }
  /** Nobody can say beforehand what is below this folder then: a checkout, which only a server knows. */
  | { readonly obscures: string; readonly why: string }
  /** Really done, answers of this kind are asked for again (starting a unit moves others); a dry run keeps them. */
  | { readonly forgets: string }
  /** Anything may be different now: an opaque command ran. */
  | { readonly outdates: 'everything'; readonly why: string }

export const fileEffect = (file: FileEffect): Effect => ({ file })

/** Whether anything may be different then. */
export function changesAll(effect: Effect): effect is Extract<Effect, { outdates: 'everything' }> {
  return 'outdates' in effect && effect.outdates === 'everything'
}
