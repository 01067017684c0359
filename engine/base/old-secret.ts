import type { Change } from './result.ts'
import { MASK } from './secret.ts'

/**
 * The change with old secrets taken out of it: where a line that comes holds a masked secret, the one that it takes the
 * place of most likely holds the secret before it, which nobody told us, and which may still open doors.
 */
export function withoutOldSecrets(change: Change): Change {
  const { before, after } = change
  if (typeof before !== 'string' || typeof after !== 'string' || !after.includes(MASK)) return change
  const kept = new Set(after.split('\n'))
  const masked = [...kept].filter((line) => line.includes(MASK))
  const covered = before.split('\n').map((line) => {
    if (kept.has(line) || line.trim() === '') return line
    for (const fresh of masked) {
      const at = fresh.indexOf(MASK)
      const [start, end] = [fresh.slice(0, at), fresh.slice(fresh.lastIndexOf(MASK) + MASK.length)]
      if (!line.trimStart().startsWith(start.trimStart())) continue
      const indent = line.slice(0, line.length - line.trimStart().length)
      return `${indent}${start.trimStart()}${MASK}${end !== '' && line.endsWith(end) ? end : ''}`
    }
    return line
  })
  return { ...change, before: covered.join('\n') }
}
