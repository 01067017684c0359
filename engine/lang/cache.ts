/** Keeps the most recently used values by text, up to a number of them. */
export class Cache<Value> {
  readonly #values = new Map<string, Value>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get(key: string, make: () => Value): Value {
    const known = this.#values.get(key)
    if (known !== undefined) {
      // Moved to the end only when the cache is filling: most runs never fill it.
      if (this.#values.size > this.#most / 2) {
        this.#values.delete(key)
        this.#values.set(key, known)
      }
      return known
    }
    const made = make()
    this.#values.set(key, made)
    if (this.#values.size > this.#most) this.#values.delete(this.#values.keys().next().value!)
    return made
  }
}
