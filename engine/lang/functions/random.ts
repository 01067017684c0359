import { createHash, randomBytes, randomInt } from 'node:crypto'
import { define, WrongArgument } from './function.ts'
import { itemsOf } from './part.ts'

/** MT19937, seeded and drawn from as Python's random.Random does it: the same seed gives Ansible's number. */
export class Twister {
  readonly #state = new Uint32Array(624)
  #index = 624

  constructor(seed: string | number) {
    const key = words(typeof seed === 'number' ? BigInt(Math.abs(seed)) : ofText(seed))
    this.#initialise(19650218)
    const state = this.#state
    let i = 1
    let j = 0
    const previous = () => state[i - 1]! ^ (state[i - 1]! >>> 30)
    const step = () => {
      if (++i < 624) return
      state[0] = state[623]!
      i = 1
    }
    for (let k = Math.max(624, key.length); k > 0; k--) {
      state[i] = (state[i]! ^ Math.imul(previous(), 1664525)) + key[j]! + j
      step()
      j = (j + 1) % key.length
    }
    for (let k = 623; k > 0; k--) {
      state[i] = (state[i]! ^ Math.imul(previous(), 1566083941)) - i
      step()
    }
    state[0] = 0x80000000
  }

  #initialise(seed: number): void {
    const state = this.#state
    state[0] = seed
    for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i
  }

  #next(): number {
    const state = this.#state
    if (this.#index === 624) {
      for (let i = 0; i < 624; i++) {
        const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff)
        state[i] = state[(i + 397) % 624]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
      }
      this.#index = 0
    }
    let drawn = state[this.#index++]!
    drawn ^= drawn >>> 11
    drawn ^= (drawn << 7) & 0x9d2c5680
    drawn ^= (drawn << 15) & 0xefc60000
    return (drawn ^ (drawn >>> 18)) >>> 0
  }

  #bits(count: number): bigint {
    let made = 0n
    for (let shift = 0; count > 0; shift += 32, count -= 32) {
      const word = count < 32 ? this.#next() >>> (32 - count) : this.#next()
      made |= BigInt(word) << BigInt(shift)
    }
    return made
  }

  /** From 0 up to a number, not included. */
  below(end: number): number {
    const bits = end.toString(2).length
    for (;;) {
      const drawn = Number(this.#bits(bits))
      if (drawn < end) return drawn
    }
  }
}

/** Python's seed for a text: the text and its SHA-512, as one number. */
function ofText(seed: string): bigint {
  const text = Buffer.from(seed, 'utf8')
  const both = Buffer.concat([text, createHash('sha512').update(text).digest()])
  return BigInt(`0x${both.toString('hex')}`)
}

function words(value: bigint): number[] {
  const made: number[] = []
  for (let left = value; left > 0n; left >>= 32n) made.push(Number(left & 0xffffffffn))
  return made.length === 0 ? [0] : made
}

const chance = (seed: unknown): ((end: number) => number) => {
  if (seed === undefined || seed === null) return (end) => randomInt(end)
  const twister = new Twister(typeof seed === 'number' ? seed : String(seed))
  return (end) => twister.below(end)
}

function random(end: unknown, start = 0, step = 1, seed?: unknown): unknown {
  const below = chance(seed)
  if (typeof end === 'number') {
    const count = Math.ceil((end - start) / step)
    if (!Number.isInteger(end) || !(count > 0) || count > 2 ** 47)
      throw new WrongArgument(
        `random has no whole number from ${start} up to ${end}`,
        undefined,
        'The end must be beyond the start.',
      )
    return start + step * below(count)
  }
  const items = itemsOf(end)
  if (items.length === 0) throw new WrongArgument('random of an empty list', undefined, 'Guard it with a condition.')
  return items[below(items.length)]
}

export const randoms = [
  define('random(end: number|list|text, start?: number, step?: number, seed?: any)', {
    doc: 'A number from start up to the end, not included, or an item of a list, by chance; with a seed (such as inventory_hostname) the same each time, and the same as Ansible draws.',
    example: ["random(60, with({'seed': 'web1'}))", 52],
    filter: 'random',
    impure: true,
    fn: random,
  }),
  define('shuffle(list: list|text, seed?: any)', {
    doc: 'In an order by chance; with a seed the same each time.',
    example: ["shuffle([1, 2, 3], with({'seed': 'a'}))", [3, 1, 2]],
    filter: 'shuffle',
    impure: true,
    fn: (value: unknown, seed?: unknown) => {
      const items = [...itemsOf(value)]
      const below = chance(seed === '' ? undefined : seed)
      for (let i = items.length - 1; i > 0; i--) {
        const j = below(i + 1)
        ;[items[i], items[j]] = [items[j], items[i]]
      }
      return items
    },
  }),
  define('random_bytes(count: number)', {
    doc: 'So many random bytes, in base64: for keys.',
    example: ['length(random_bytes(32))', 44],
    impure: true,
    fn: (count: number) => randomBytes(count).toString('base64'),
  }),
]
