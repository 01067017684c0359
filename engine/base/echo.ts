import type { Problem } from './problem.ts'

/** Of problems found together, those that only tell a mistake of YAML again: what such a file seems to say is not worth a word. */
export function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const broken = problems.filter((one) => one.code === 'yaml-syntax').map((one) => one.spans[0]?.source.file)
  const trapped = problems.filter((one) => one.code === 'yaml-trap').flatMap((one) => one.spans)
  return problems.filter((one) => {
    const at = one.spans[0]
    if (!at || one.code === 'yaml-syntax' || one.code === 'yaml-trap') return true
    if (broken.includes(at.source.file)) return false
    return !trapped.some((trap) => trap.source.file === at.source.file && at.start <= trap.start && trap.end <= at.end)
  })
}
