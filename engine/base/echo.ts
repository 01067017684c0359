import type { Problem } from './problem.ts'

/**
 * Problems found together without those that only tell another again: what a file that is no YAML seems to say, what a
 * role needs and lacks as a variable too, the same words about a smaller part of the same text.
 */
export function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const broken = problems.filter((one) => one.code === 'yaml-syntax').map((one) => one.spans[0]?.source.file)
  const trapped = problems.filter((one) => one.code === 'yaml-trap').flatMap((one) => one.spans)
  return problems.filter((one) => {
    const at = one.spans[0]
    if (!at || one.code === 'yaml-syntax' || one.code === 'yaml-trap') return true
    if (broken.includes(at.source.file)) return false
    if (isToldBetter(one, problems)) return false
    return !trapped.some((trap) => trap.source.file === at.source.file && at.start <= trap.start && trap.end <= at.end)
  })
}

function isToldBetter(problem: Problem, all: readonly Problem[]): boolean {
  if (problem.code !== 'undefined-variable') return false
  const at = problem.spans[0]!
  const name = /^"(\w+)" is not defined/.exec(problem.message)?.[1]
  return all.some((other) => {
    const its = other.spans[0]
    if (!its || other === problem) return false
    if (name !== undefined && other.code === 'role-params') return other.message.endsWith(` needs "${name}".`)
    const inside = its.source.file === at.source.file && at.start <= its.start && its.end <= at.end
    return other.message === problem.message && inside && its.end - its.start < at.end - at.start
  })
}
