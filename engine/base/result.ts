/** What a task came to on a host, as registered and as shown. Ansible's names. */
export interface Result {
  changed: boolean
  failed?: boolean
  skipped?: boolean
  unreachable?: boolean
  /** Set when a dry run cannot know whether it would change; the reason. */
  may_change?: string
  /** Set when a look could not be made in a dry run, because of what is not there yet; the reason. */
  unverified?: string
  msg?: string
  rc?: number
  stdout?: string
  stdout_lines?: string[]
  stderr?: string
  stderr_lines?: string[]
  results?: Result[]
  diff?: Change[]
  skip_reason?: string
  attempts?: number
  [more: string]: unknown
}

/** One difference between what is and what should be: for people, diffs, and comparing dry run with run. */
export interface Change {
  /** What differs: a path, `/etc/hosts`, or an attribute of one, `/etc/hosts mode`. */
  path: string
  /** undefined: was not there. */
  before?: unknown
  /** undefined: will not be there. */
  after?: unknown
  /** Never show the values. */
  secret?: boolean
}

/** The change as others may see it: of a secret one only that it is there. */
export function openChange(change: Change): Change {
  return change.secret ? { path: change.path, secret: true } : change
}

export type Status = 'ok' | 'changed' | 'may_change' | 'skipped' | 'failed' | 'unreachable' | 'ignored'

export function statusOf(result: Result): Exclude<Status, 'ignored'> {
  if (result.unreachable) return 'unreachable'
  if (result.failed) return 'failed'
  if (result.skipped) return 'skipped'
  if (result.may_change !== undefined) return 'may_change'
  return result.changed ? 'changed' : 'ok'
}
