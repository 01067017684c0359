import { define, WrongArgument } from './function.ts'

type Part = number | string

/** `v1.20.0-rc.1+build` as numbers and words, and what stands behind the hyphen. */
function parse(text: string): { release: Part[]; pre: Part[] } {
  const [head = '', ...tail] = text
    .trim()
    .replace(/^[vV](?=\d)/, '')
    .replace(/\+.*$/, '')
    .split(/[-~]/)
  return { release: parts(head), pre: parts(tail.join('.')) }
}

const parts = (text: string): Part[] =>
  (text.match(/\d+|[a-z]+/gi) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part.toLowerCase()))

function compareParts(a: Part[], b: Part[], missing: number): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index] ?? missing
    const right = b[index] ?? missing
    if (left === right) continue
    if (typeof left === 'number' && typeof right === 'number') return left < right ? -1 : 1
    if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : 1
    // A word is an early stage (1.0rc1 before 1.0).
    return typeof left === 'string' ? -1 : 1
  }
  return 0
}

/** Below 0 when `a` is older than `b`; missing parts count as 0, and what follows a hyphen comes before the release. */
export function compareVersions(a: string, b: string): number {
  const left = parse(a)
  const right = parse(b)
  const released = compareParts(left.release, right.release, 0)
  if (released !== 0) return released
  if (left.pre.length === 0 || right.pre.length === 0)
    return left.pre.length === right.pre.length ? 0 : left.pre.length > 0 ? -1 : 1
  return compareParts(left.pre, right.pre, -1)
}

const operators: Record<string, (order: number) => boolean> = {
  '==': (order) => order === 0,
  '=': (order) => order === 0,
  eq: (order) => order === 0,
  '!=': (order) => order !== 0,
  '<>': (order) => order !== 0,
  ne: (order) => order !== 0,
  '<': (order) => order < 0,
  lt: (order) => order < 0,
  '<=': (order) => order <= 0,
  le: (order) => order <= 0,
  '>': (order) => order > 0,
  gt: (order) => order > 0,
  '>=': (order) => order >= 0,
  ge: (order) => order >= 0,
}

function holds(a: string, operator: string, b: string): boolean {
  const test = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (!test)
    throw new WrongArgument(`versions cannot be compared with "${operator}"`, undefined, 'Use one of == != < <= > >=.')
  return test(compareVersions(a, b))
}

export const version = [
  define('versionCompare(version: text, operator: text, other: text)', {
    doc: 'Whether a version is ==, !=, <, <=, > or >= another; 1.20 is 1.20.0, and 1.20.0-rc.1 is before 1.20.0.',
    example: ["versionCompare('v1.20.2', '>=', '1.9')", true],
    fn: holds,
  }),
  define('version(version: text, other: text, operator?: text)', {
    doc: "versionCompare with the operator last (== unless given), as in Ansible's test.",
    example: ["version('1.20.2', '1.21', '<')", true],
    fn: (a: string, b: string, operator = '==') => holds(a, operator, b),
  }),
]
