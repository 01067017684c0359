// What a person reads when the lab cannot do something: what, why, and what to do about it.
export class LabProblem extends Error {
  constructor(what: string, why: string, todo: string) {
    super(`${what}: ${why.trim()}\n  ${todo}`)
    this.name = 'LabProblem'
  }
}
