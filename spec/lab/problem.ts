// What a person reads when the lab cannot do something: what, why, and what to do about it.
export class LabProblem extends Error {
  constructor(what: string, why: string, todo = '') {
    super(`${what}: ${why.trim()}${todo && `\n  ${todo}`}`)
    this.name = 'LabProblem'
  }
}
