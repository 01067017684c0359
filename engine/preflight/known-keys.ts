import { Problem } from '../base/problem.ts'
import { didYouMean, distance } from '../base/suggest.ts'
import { noMember } from '../lang/access.ts'
import type { NeededName } from '../lang/free-names.ts'
import { isFact } from '../run/gathering.ts'
import type { Session } from '../run/session.ts'
import { factNames } from './fact-names.ts'
import type { Foreknowledge } from './foreknowledge.ts'

/** Shorter words are too near to each other to tell a slip from another word. */
const LEAST = 4

/**
 * A key behind a name whose keys are known before the run: a fact, a part of a task's result, a group, a host. Facts and
 * results may hold more than is written down; of those only what is surely a slip is told.
 */
export class KnownKeys {
  readonly #session: Session
  readonly #book: Foreknowledge

  constructor(session: Session, book: Foreknowledge) {
    this.#session = session
    this.#book = book
  }

  problem(needed: NeededName): Problem | undefined {
    const [key] = needed.keys
    if (isFact(needed.name) && needed.name.startsWith('ansible_') && needed.name !== 'ansible_facts') {
      if (this.#book.sets(needed.name)) return undefined
      const near = slip(
        needed.name,
        factNames.map((name) => `ansible_${name}`),
      )
      return near
        ? new Problem('undefined-variable', `There is no fact "${needed.name}"`, { at: needed.span, hint: near })
        : undefined
    }
    if (!key) return undefined
    const told = (message: string, hint: string | undefined) =>
      new Problem('undefined-variable', message, { at: key.span, hint })
    switch (needed.name) {
      case 'facts':
      case 'ansible_facts': {
        const near = slip(key.name, factNames)
        if (near && !this.#book.sets(key.name)) return told(`There is no fact "${key.name}"`, near)
        return undefined
      }
      case 'groups':
      case 'hostvars': {
        if (this.#book.growing || needed.optional) return undefined
        const known: Record<string, unknown> =
          needed.name === 'groups'
            ? this.#session.inventory.groupsByName()
            : Object.fromEntries([...this.#session.inventory.hosts.keys(), 'localhost'].map((name) => [name, null]))
        if (Object.hasOwn(known, key.name)) return undefined
        const { message, hint } = noMember(needed.name, known, key.name, { start: 0, end: 0 })
        return told(message, hint)
      }
      default: {
        const keys = this.#book.resultKeys(needed.name)
        const near = keys && slip(key.name, keys)
        return near ? told(`The result "${needed.name}" has no "${key.name}"`, near) : undefined
      }
    }
  }
}

/** A hint when a word is one edit away from one that is known, and not known itself. */
function slip(word: string, known: Iterable<string>): string | undefined {
  const all = new Set(known)
  if (all.has(word) || word.length < LEAST) return undefined
  const squeezed = (text: string) => text.replace(/[_-]/g, '').toLowerCase()
  const near = [...all].filter(
    (one) => one.length >= LEAST && (distance(word, one, 1) <= 1 || squeezed(word) === squeezed(one)),
  )
  return near.length > 0 ? didYouMean(word, near) : undefined
}
