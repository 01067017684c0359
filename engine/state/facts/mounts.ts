import type { FactsAnswer } from './answer.ts'

/** Blanks and backslashes stand in /proc/mounts and fstab as octal escapes. */
export function unescapeMount(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

export function mountFacts(answer: FactsAnswer): Record<string, unknown> {
  const space = new Map<string, number[]>()
  for (const line of answer.lines('space')) {
    const match = /^((?:\d+ ){7})(.*)$/.exec(line)
    if (match) space.set(match[2]!, match[1]!.trim().split(' ').map(Number))
  }
  // A mount whose root is not its file system's root shows only a part of it: a bind.
  const binds = new Set(
    answer
      .file('/proc/self/mountinfo')
      .map((line) => line.split(' '))
      .filter((words) => words[3] !== '/')
      .map((words) => unescapeMount(words[4] ?? '')),
  )
  const uuids = new Map<string, string>()
  for (const line of answer.lines('uuids')) {
    const match = /(\S+) -> \.\.\/\.\.\/(\S+)$/.exec(line)
    if (match) uuids.set(`/dev/${match[2]}`, match[1]!)
  }
  // What is mounted over another hides it.
  const mounts = new Map<string, Record<string, unknown>>()
  for (const line of answer.file('/proc/self/mounts')) {
    const [device = '', where = '', fstype = '', options = ''] = line.split(' ').map(unescapeMount)
    if ((!device.startsWith('/') && !device.includes(':/')) || fstype === 'none') continue
    mounts.set(where, {
      mount: where,
      device,
      fstype,
      options: binds.has(where) && !options.split(',').includes('bind') ? `${options},bind` : options,
      uuid: uuids.get(device) ?? 'N/A',
      ...sizes(space.get(where)),
    })
  }
  return { mounts: [...mounts.values()] }
}

function sizes(numbers: readonly number[] | undefined): Record<string, number> {
  if (!numbers) return {}
  const [fragment = 0, block = 0, total = 0, , available = 0, inodes = 0, freeInodes = 0] = numbers
  return {
    size_total: fragment * total,
    size_available: fragment * available,
    block_size: block,
    block_total: total,
    block_available: available,
    block_used: total - available,
    inode_total: inodes,
    inode_available: freeInodes,
    inode_used: inodes - freeInodes,
  }
}
