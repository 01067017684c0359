/** CEL's optional value: what `a.?b` gives. */
export class Optional {
  readonly present: boolean
  readonly value: unknown

  constructor(value: unknown) {
    this.present = value !== undefined
    this.value = value
  }
}

export function unwrap(value: unknown): unknown {
  return value instanceof Optional ? value.value : value
}
