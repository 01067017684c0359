import { readFileSync } from 'node:fs'
import type { Case } from './case.ts'

const page = new URL('../../docs/language.md', import.meta.url)

/** The first cells of the table of what differs from Ansible on purpose. */
export function differences(text = readFileSync(page, 'utf8')): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith('Differs from Ansible'))
  return [...(section ?? '').matchAll(/^\| ([^|]+?) \|/gm)]
    .map((row) => row[1] ?? '')
    .filter((cell) => !/^-+$/.test(cell))
}

/** Why a case may not say that it differs; undefined: it may, or does not. */
export function notAllowed(one: Case): string | undefined {
  if (one.differs === undefined || differences().includes(one.differs)) return undefined
  return `"differs: ${one.differs}" is no line of the table of differences in docs/language.md`
}
