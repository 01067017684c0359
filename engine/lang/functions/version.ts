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

function compareParts(a: readonly Part[], b: readonly Part[], missing: number): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index] ?? missing
    const right = b[index] ?? missing
    if (left === right) continue
    if (typeof left === typeof right) return left < right ? -1 : 1
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

/** Python's LooseVersion: numbers and words one by one, a longer one being newer. */
function compareLoose(a: string, b: string): number {
  // A leading v on one side only is of no use to anyone.
  const bare = (text: string) => (/^v\d/i.test(a) === /^v\d/i.test(b) ? text : text.replace(/^v/i, ''))
  const split = (text: string) =>
    bare(text)
      .split(/(\d+|[a-z]+|\.)/)
      .filter((part) => part !== '' && part !== '.')
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const [left, right] = [split(a), split(b)]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [one, other] = [left[index]!, right[index]!]
    if (one === other) continue
    if (typeof one !== typeof other)
      throw new WrongArgument(
        `the versions "${a}" and "${b}" cannot be compared: ${String(one)} stands where the other has ${String(other)}`,
        undefined,
        'versionCompare(a, "<", b) copes with words and pre-releases.',
      )
    return one < other ? -1 : 1
  }
  return Math.sign(left.length - right.length)
}

function compareStrict(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => {
    const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text)
    if (!found) throw invalid('strict', text, 'Strict versions are 1.2 or 1.2.3, and may end like a1 or b2.')
    const [, major, minor, patch = '0', stage = 'c', number = '0'] = found
    return [Number(major), Number(minor), Number(patch), stage, Number(number)]
  })
  return compareParts(left!, right!, 0)
}

function compareSemantic(a: string, b: string): number {
  const number = '(0|[1-9]\\d*)'
  const form = new RegExp(`^${number}\\.${number}\\.${number}(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`)
  const [left, right] = [a, b].map((text) => {
    const found = form.exec(text)
    if (!found) throw invalid('semantic', text, 'Semantic versions are like 1.2.3, 1.2.3-rc.1 or 1.2.3+build.')
    return { release: found.slice(1, 4).map(Number), pre: found[4]?.split('.') }
  })
  const released = compareParts(left!.release, right!.release, 0)
  if (released !== 0) return released
  const [one, other] = [left!.pre, right!.pre]
  if (!one || !other) return one ? -1 : other ? 1 : 0
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const [x, y] = [one[index], other[index]]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    const [xNumber, yNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (xNumber && yNumber) return Number(x) < Number(y) ? -1 : 1
    if (xNumber !== yNumber) return xNumber ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}

const invalid = (kind: string, text: string, hint: string) =>
  new WrongArgument(`"${text}" is no ${kind} version`, undefined, hint)

const kinds: Readonly<Record<string, (a: string, b: string) => number>> = {
  loose: compareLoose,
  strict: compareStrict,
  semver: compareSemantic,
  semantic: compareSemantic,
  pep440: compareVersions,
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
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

function operatorOf(name: string): (order: number) => boolean {
  const found = Object.hasOwn(operators, name) ? operators[name] : undefined
  if (found) return found
  throw new WrongArgument(`versions cannot be compared with "${name}"`, undefined, 'Use one of == != < <= > >=.')
}

export const version = [
  define('version(version: text, other: text, operator?: text, strict?: bool, version_type?: text)', {
    doc: 'Whether a version is ==, !=, <, <=, > or >= another (== unless given), compared loosely, as Ansible does: a longer one is newer; strict, or version_type strict, semver or pep440, asks for more.',
    example: ["version('1.20.2', '1.21', '<')", true],
    test: 'version version_compare',
    fn: (a: string, b: string, operator = '==', strict?: boolean | null, type?: string | null) => {
      if (a === '' || b === '')
        throw new WrongArgument('version: an empty text is no version', undefined, 'Guard it with a condition.')
      const name = strict === true ? 'strict' : (type ?? 'loose')
      const compare = Object.hasOwn(kinds, name) ? kinds[name] : undefined
      if (!compare)
        throw new WrongArgument(
          `there is no version type "${name}"`,
          undefined,
          `Known are ${Object.keys(kinds).join(', ')}.`,
        )
      return operatorOf(operator)(compare(a, b))
    },
  }),
  define('versionCompare(version: text, operator: text, other: text)', {
    doc: 'The same with the operator in the middle, for versions as people number them: 1.20 is 1.20.0, v1.20 too, and 1.20.0-rc.1 is before 1.20.0.',
    example: ["versionCompare('v1.20.2', '>=', '1.9')", true],
    fn: (a: string, operator: string, b: string) => operatorOf(operator)(compareVersions(a, b)),
  }),
]
