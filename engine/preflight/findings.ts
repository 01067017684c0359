import type { Problem } from '../base/problem.ts'

/** What looking at a run has found, each thing once, by file and place. */
export class Findings {
  readonly #problems = new Map<string, Problem>()
  readonly #warnings = new Map<string, Problem>()

  problem(problem: Problem): void {
    this.#problems.set(identity(problem), problem)
  }

  warning(problem: Problem): void {
    this.#warnings.set(identity(problem), problem)
  }

  get problems(): Problem[] {
    return inOrder(this.#problems.values())
  }

  /** Without those that are told as problems. */
  get warnings(): Problem[] {
    return inOrder([...this.#warnings].filter(([key]) => !this.#problems.has(key)).map(([, problem]) => problem))
  }
}

function identity(problem: Problem): string {
  const at = problem.spans[0]
  return `${problem.code} ${problem.message} ${at ? `${at.source.file} ${at.start}` : ''}`
}

/** By file and place; what has no place comes first. */
export function inOrder(problems: Iterable<Problem>): Problem[] {
  const file = (problem: Problem) => problem.spans[0]?.source.file ?? ''
  const start = (problem: Problem) => problem.spans[0]?.start ?? 0
  return [...problems].sort((a, b) => (file(a) === file(b) ? start(a) - start(b) : file(a) < file(b) ? -1 : 1))
}
