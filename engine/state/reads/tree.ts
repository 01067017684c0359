import { posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { quote } from '../../wire/quote.ts'
import { type PredictedFiles, predictedDigest, predictedStat } from '../predicted-files.ts'
import { defineRead } from '../read.ts'
import type { Stat } from '../stat.ts'

export interface TreeAsk {
  readonly path: string
  /** Also the SHA-256 of every file. */
  readonly digests?: boolean
}

export interface TreeEntry {
  /** Below the folder, `conf.d/a.conf`. */
  relative: string
  type: Stat['type']
  mode: string
  uid: number
  gid: number
  owner: string
  group: string
  size: number
  target?: string
  sha256?: string
}

const TYPES: Record<number, Stat['type']> = {
  1: 'fifo',
  2: 'char',
  4: 'directory',
  6: 'block',
  8: 'file',
  10: 'link',
  12: 'socket',
}

/** Everything below a folder, sorted, links not followed; null when there is no such folder. A handful of processes a tree. */
export const tree = defineRead<TreeAsk, TreeEntry[] | null>({
  name: 'tree',
  key: (ask) => `${ask.path}${ask.digests ? ' with digests' : ''}`,
  paths: (ask) => [ask.path],
  items: (asks) =>
    asks.map((ask) => {
      const lines = [
        `cd -- ${quote(ask.path)} 2>/dev/null || exit 44`,
        `find . ! -name . -exec stat -c '%f %u %g %s %U %G %n' -- {} +`,
        `printf '\\000'`,
        `find . -type l -exec sh -c 'for p do printf "%s\\000" "$p"; readlink -n -- "$p"; printf "\\000"; done' sh {} +`,
      ]
      if (ask.digests) lines.push(`printf '\\000'`, 'find . -type f -exec sha256sum -- {} +')
      return lines.join('\n')
    }),
  parse: (replies, asks) =>
    asks.map((ask, index) => {
      const reply = replies[index]!
      if (reply.status === 44) return null
      if (reply.status !== 0)
        return new Problem(
          'task-failed',
          `Cannot look through ${ask.path}: ${reply.stderr.toString('utf8').trim().split('\n')[0]}`,
        )
      return entries(reply.stdout.toString('utf8'), ask.digests ?? false)
    }),
  predicted: (files, ask, real) => {
    if (!touched(files, ask.path)) return undefined
    const folder = files.at(ask.path)
    if (folder?.type === 'absent') return Promise.resolve(null)
    const base = folder && !folder.overReal ? Promise.resolve([]) : real()
    return base.then((there) => {
      if (there === null && folder?.type !== 'directory') return null
      const merged = new Map((there ?? []).map((entry) => [entry.relative, entry]))
      lay(files, ask.path, '', merged, ask.digests ?? false)
      return [...merged.values()].sort(byName)
    })
  },
})

/** A name that is no text: it cannot be written down, so nothing can be done with it. */
export const isOddName = (name: string): boolean => name.includes('\uFFFD')

/** The entries, all of which can be named. Throws task-failed. */
export function nameable(folder: string, entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const odd = entries.find(({ relative }) => isOddName(relative))
  if (!odd) return entries
  throw new Problem(
    'task-failed',
    `The name ${posix.join(folder, odd.relative)} is not UTF-8; nothing below ${folder} was changed.`,
    {
      hint: 'Rename it on the host, or work on this folder with a command.',
    },
  )
}

const HEAD = /^([0-9a-f]+) (\d+) (\d+) (\d+) (\S+) (\S+) \.\/(.*)$/

function entries(text: string, digests: boolean): TreeEntry[] {
  const parts = text.split('\0')
  const sums = digests ? digestsOf(parts.pop()!) : new Map<string, string>()
  const targets = new Map<string, string>()
  for (let at = 1; at + 1 < parts.length; at += 2) targets.set(parts[at]!.slice(2), parts[at + 1]!)
  const found: TreeEntry[] = []
  for (const line of parts[0]!.split('\n')) {
    const match = HEAD.exec(line)
    if (!match) {
      // A name with a line end in it goes on here.
      const last = found.at(-1)
      if (last && line !== '') last.relative += `\n${line}`
      continue
    }
    const raw = Number.parseInt(match[1]!, 16)
    found.push({
      relative: match[7]!,
      type: TYPES[raw >> 12] ?? 'file',
      mode: (raw & 0o7777).toString(8).padStart(4, '0'),
      uid: Number(match[2]),
      gid: Number(match[3]),
      size: Number(match[4]),
      owner: match[5] === 'UNKNOWN' ? match[2]! : match[5]!,
      group: match[6] === 'UNKNOWN' ? match[3]! : match[6]!,
    })
  }
  for (const entry of found) {
    const target = targets.get(entry.relative)
    const sha256 = sums.get(entry.relative)
    if (entry.type === 'link' && target !== undefined) entry.target = target
    if (sha256 !== undefined) entry.sha256 = sha256
  }
  return found.sort(byName)
}

function digestsOf(text: string): Map<string, string> {
  const sums = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^(\\?)([0-9a-f]{64}) [ *]\.\/(.*)$/.exec(line)
    if (match)
      sums.set(
        match[1] ? match[3]!.replace(/\\([n\\])/g, (_, sign) => (sign === 'n' ? '\n' : '\\')) : match[3]!,
        match[2]!,
      )
  }
  return sums
}

const byName = (a: TreeEntry, b: TreeEntry) => (a.relative < b.relative ? -1 : 1)

function touched(files: PredictedFiles, path: string): boolean {
  return files.at(path) !== undefined || files.below(path).length > 0
}

function lay(
  files: PredictedFiles,
  folder: string,
  prefix: string,
  merged: Map<string, TreeEntry>,
  digests: boolean,
): void {
  for (const file of files.below(folder)) {
    const relative = prefix + posix.relative(files.resolve(folder, true), file.path)
    if (file.type === 'absent' || !file.overReal) {
      for (const known of merged.keys())
        if (known === relative || known.startsWith(`${relative}/`)) merged.delete(known)
    }
    if (file.type === 'absent') continue
    const real = merged.get(relative)
    const stat = predictedStat(file, real ? asStat(real) : null)
    if (!stat) continue
    const sum = digests && stat.type === 'file' ? predictedDigest(file, 'sha256') : undefined
    if (isUnknown(sum)) throw new TouchedUnknown(sum)
    const sha256 = sum ?? real?.sha256
    merged.set(relative, {
      relative,
      type: stat.type,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
      owner: stat.owner,
      group: stat.group,
      size: stat.size,
      ...(stat.target === undefined ? {} : { target: stat.target }),
      ...(sha256 === undefined ? {} : { sha256 }),
    })
  }
}

function asStat(entry: TreeEntry): Stat {
  return { ...entry, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 1 }
}
