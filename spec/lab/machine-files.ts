// The files of a virtual machine, asked of itself: its disk is its own while it runs.
import { createHash } from 'node:crypto'
import { command } from './command.ts'
import { execWords, sshWords } from './exec.ts'
import type { Change } from './layers.ts'

// type, what a change of the file would change, path; a folder's and a link's own time says nothing
const format = String.raw`%y|%U:%G %m|%s|%T@|%l|%p\0`
const find = `find / -xdev -path /lost+found -prune -o -printf '${format}'`

/** Every file of a running virtual machine, as something added: two such snapshots tell what changed. */
export async function readMachine(name: string): Promise<Map<string, Change>> {
  return parseFiles(await command(execWords(sshWords(name, [find]))))
}

export function parseFiles(text: string): Map<string, Change> {
  const files = new Map<string, Change>()
  for (const entry of text.split('\0')) {
    const [kind = '', attributes, size, time, target, ...rest] = entry.split('|')
    const path = rest.join('|')
    if (!path || path === '/') continue
    const type = ({ f: 'file', d: 'folder', l: 'link' } as const)[kind] ?? 'other'
    const parts = [kind, attributes, ...(type === 'file' ? [size, time] : []), target]
    const digest = createHash('sha256').update(parts.join('|')).digest('hex')
    files.set(path, { path, kind: 'added', type, digest })
  }
  return files
}
