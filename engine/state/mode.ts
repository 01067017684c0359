import { Problem } from '../base/problem.ts'

/** Bits of a clause's who: its own rwx, and the special bit that `s` (user, group) or `t` (all) stand for. */
const WHO: Record<string, { shift: number; special: number }> = {
  u: { shift: 6, special: 0o4000 },
  g: { shift: 3, special: 0o2000 },
  o: { shift: 0, special: 0 },
}
/** What the shell on the host starts with; symbolic clauses without a who respect it. */
const UMASK = 0o022
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/

/** Nine letters as `ls` and `tar` list a mode, `rwxr-sr-x`, as four octal digits. */
export function listedMode(letters: string): string {
  let bits = 0
  for (const [index, letter] of [...letters].entries()) {
    if (/[rwxst]/.test(letter)) bits |= 1 << (8 - index)
    if (/[sStT]/.test(letter)) bits |= index === 2 ? 0o4000 : index === 5 ? 0o2000 : 0o1000
  }
  return octal(bits)
}

/**
 * A mode as Ansible reads it (`0644`, `u=rw,g=r`, `a+X`), as four octal digits.
 * `current` is what symbolic clauses start from. Throws bad-parameter.
 */
export function resolveMode(mode: string, current: string, directory: boolean): string {
  const text = mode.trim().replace(/^0o/i, '')
  if (/^[0-7]{1,5}$/.test(text)) return octal(Number.parseInt(text, 8) & 0o7777)
  const start = Number.parseInt(current, 8)
  let bits = start
  for (const clause of text.split(',')) {
    const match = CLAUSE.exec(clause)
    if (!match) {
      throw new Problem('bad-parameter', `"${mode}" is not a file mode`, {
        hint: 'Write octal digits in quotes, "0644", or clauses as for chmod, "u=rw,g=r,o=".',
      })
    }
    const everyone = match[1] === '' || match[1]!.includes('a')
    const who = everyone ? ['u', 'g', 'o'] : [...new Set(match[1]!)]
    for (const [, operator, permissions] of match[2]!.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)) {
      const masked = match[1] === '' ? ~UMASK : ~0
      for (const name of who)
        bits = applyTo(bits, name, operator!, permissions!, { start, directory, masked, everyone })
      if (permissions!.includes('t') && (everyone || who.includes('o')))
        bits = operator === '-' ? bits & ~0o1000 : bits | 0o1000
      else if (operator === '=' && everyone) bits &= ~0o1000
    }
  }
  return octal(bits)
}

interface Clause {
  readonly start: number
  readonly directory: boolean
  readonly masked: number
  readonly everyone: boolean
}

function applyTo(bits: number, name: string, operator: string, permissions: string, clause: Clause): number {
  const { shift, special } = WHO[name]!
  let value = 0
  if (/^[ugo]$/.test(permissions)) value = ((bits >> WHO[permissions]!.shift) & 7) << shift
  else {
    if (permissions.includes('r')) value |= 4 << shift
    if (permissions.includes('w')) value |= 2 << shift
    // X: only where somebody may execute already, or for a folder
    if (permissions.includes('x') || (permissions.includes('X') && (clause.directory || (clause.start & 0o111) !== 0)))
      value |= 1 << shift
    value &= clause.masked
    if (permissions.includes('s')) value |= special
  }
  if (operator === '+') return bits | value
  if (operator === '-') return bits & ~value
  return (bits & ~((7 << shift) | special)) | value
}

const octal = (bits: number) => bits.toString(8).padStart(4, '0')
