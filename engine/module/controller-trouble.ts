import { Problem } from '../base/problem.ts'

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EROFS: 'Read-only file system',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk of the controller is full (see "df -h" and "df -i"): free some space, then run again.',
  EDQUOT: 'Free some space on the controller, then run again.',
}

/** What the controller's own system refused while something was to be done there; a Problem stays what it is. */
export function controllerTrouble(thrown: unknown, what: string): unknown {
  const { code, path, dest } = thrown as NodeJS.ErrnoException & { dest?: string }
  if (thrown instanceof Problem || code === undefined) return thrown
  const where = dest ?? path
  // What is called by a name of its own meanwhile tells people nothing.
  const why = `${words[code] ?? code}${where === undefined || where.includes('.tsplay-') ? '' : ` (${where})`}`
  return new Problem('step-failed', `Could not ${what}: ${why}`, {
    hint: hints[code] ?? 'That is on the controller: look at the path, and at the rights of who runs tsplay.',
    cause: thrown,
  })
}
