import { Problem } from './problem.ts'

export interface MisgivenPlace {
  readonly hint?: string
  /** The name is at fault, not the value. */
  readonly name?: boolean
  /** Characters of the value. */
  readonly range?: { readonly start: number; readonly end: number }
}

/** A parameter that a module's `check` refuses. */
export class Misgiven extends Problem {
  readonly parameter: string
  readonly where: MisgivenPlace

  constructor(parameter: string, message: string, where: MisgivenPlace = {}) {
    super('bad-parameter', message, where.hint === undefined ? {} : { hint: where.hint })
    this.parameter = parameter
    this.where = where
  }
}
