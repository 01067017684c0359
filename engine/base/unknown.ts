/**
 * What cannot be known before it is done: the output of a command that only would run, a certificate not yet issued.
 * It stands wherever a value stands; conditions and templates that touch it become unknown themselves.
 */
export class Unknown {
  /** Why, for people: `the output of "kubeadm token create"`. */
  readonly reason: string
  /** True when the value, whatever it is, differs surely from what was there before (a newly made key). */
  readonly fresh: boolean

  constructor(reason: string, options: { fresh?: boolean } = {}) {
    // A noun, so that it fits behind "rests on".
    this.reason = reason.replace(/^rests on /, '')
    this.fresh = options.fresh ?? false
  }

  toJSON(): string {
    return `<unknown: ${this.reason}>`
  }

  toString(): string {
    return this.toJSON()
  }
}

export function isUnknown(value: unknown): value is Unknown {
  return value instanceof Unknown
}

/** Thrown by templates and conditions that need a value nobody can know yet. */
export class TouchedUnknown extends Error {
  readonly unknown: Unknown
  constructor(unknown: Unknown) {
    // Thrown for every value that nobody knows yet, and nobody ever sees where from.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(unknown.reason)
    Error.stackTraceLimit = stackTraceLimit
    this.unknown = unknown
  }
}

/** The first unknown inside a value, however deep. */
export function findUnknown(value: unknown, depth = 0): Unknown | undefined {
  if (value instanceof Unknown) return value
  if (depth > 40 || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    const found = findUnknown(part, depth + 1)
    if (found) return found
  }
  return undefined
}
