import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'
import type { Stat } from '../stat.ts'

/**
 * Where a host keeps what was extracted: archives are too large to be compared each time. Shell text that sets $rec.
 * Root's is /var/lib/tsplay/unarchive, other users' is in their home; TSPLAY_STATE in the environment overrides.
 */
export const RECORDS = `if [ -n "\${TSPLAY_STATE-}" ]; then rec=$TSPLAY_STATE/unarchive; elif [ -w /var/lib ]; then rec=/var/lib/tsplay/unarchive; else rec=\${HOME:-/tmp}/.local/state/tsplay/unarchive; fi`

export interface ExtractionAsk {
  readonly dest: string
  /** Tells apart what is extracted to the same folder. */
  readonly id: string
  /** The archive on the host, to be compared with the recorded one. */
  readonly archive?: string | undefined
}

export interface ExtractedFile {
  relative: string
  /** As recorded; `-` for a link. */
  sha256: string
  size: number
  /** When it last changed in any way, to the nanosecond, as `stat -c %z` says it. */
  changed: string
  /** As it is now. */
  now: (Pick<Stat, 'type' | 'mode' | 'uid' | 'gid' | 'owner' | 'group' | 'size'> & { changed: string }) | null
}

export interface Extraction {
  archive: { sha256: string; same: boolean }
  files: ExtractedFile[]
}

const TYPES: Record<number, Stat['type']> = { 4: 'directory', 8: 'file', 10: 'link' }

export const extractionId = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

/** What was extracted, and how it is now: a record and one `stat`; null when nothing is known. */
export const extraction = defineRead<ExtractionAsk, Extraction | null>({
  name: 'extraction',
  key: (ask) => `${ask.id} ${ask.dest}`,
  paths: (ask) => (ask.archive === undefined ? [ask.dest] : [ask.dest, ask.archive]),
  items: (asks) =>
    asks.map(
      (ask) => `${RECORDS}
f=$rec/${ask.id}
[ -f "$f" ] && cd -- ${quote(ask.dest)} 2>/dev/null || exit 44
cat -- "$f"; printf '\\000'
${ask.archive === undefined ? 'echo' : `stat -L -c '|%s|%z' -- ${quote(ask.archive)}`}
sed '1d;s/^[^|]*|[^|]*|[^|]*|//' "$f" | tr '\\n' '\\000' | xargs -0 stat -c '%f|%u|%g|%U|%G|%s|%z|%n' -- 2>/dev/null; :`,
    ),
  parse: (replies) =>
    replies.map((reply) => {
      if (reply.status !== 0) return null
      const [record, now] = reply.stdout.toString('utf8').split('\0')
      return record === undefined ? null : read(record, now ?? '')
    }),
  predicted: (files, ask, real) => {
    const moved = ask.archive !== undefined && files.at(ask.archive) !== undefined
    if (!moved && files.at(ask.dest) === undefined && files.below(ask.dest).length === 0) return undefined
    if (files.at(ask.dest)?.type === 'absent') return Promise.resolve(null)
    return real().then((there) => {
      if (!there) return null
      const laid = there.files.map((file) => {
        const prediction = files.at(posix.join(ask.dest, file.relative))
        if (!prediction || !file.now) return file
        if (prediction.type === 'absent') return { ...file, now: null }
        const { mode = file.now.mode, owner = file.now.owner, group = file.now.group } = prediction
        // Another content, perhaps: the digest decides, which knows predictions.
        const changed = prediction.type === 'unchanged' ? file.now.changed : ''
        return { ...file, now: { ...file.now, mode, owner, group, changed } }
      })
      return { archive: moved ? { ...there.archive, same: false } : there.archive, files: laid }
    })
  },
})

function read(record: string, stats: string): Extraction | null {
  const [head, ...lines] = record.split('\n').filter((line) => line !== '')
  const sha256 = head?.slice(0, 64)
  if (sha256?.length !== 64) return null
  const [archive, ...present] = stats.split('\n')
  const now = new Map<string, ExtractedFile['now']>()
  for (const line of present) {
    const match = /^([0-9a-f]+)\|(\d+)\|(\d+)\|([^|]*)\|([^|]*)\|(\d+)\|([^|]*)\|(.*)$/.exec(line)
    if (!match) continue
    const raw = Number.parseInt(match[1]!, 16)
    now.set(match[8]!, {
      type: TYPES[raw >> 12] ?? 'fifo',
      mode: (raw & 0o7777).toString(8).padStart(4, '0'),
      uid: Number(match[2]),
      gid: Number(match[3]),
      owner: match[4] === 'UNKNOWN' ? match[2]! : match[4]!,
      group: match[5] === 'UNKNOWN' ? match[3]! : match[5]!,
      size: Number(match[6]),
      changed: match[7]!,
    })
  }
  const files = lines.flatMap((line): ExtractedFile[] => {
    const match = /^([^|]*)\|(\d+)\|([^|]*)\|(.*)$/.exec(line)
    return match
      ? [
          {
            sha256: match[1]!,
            size: Number(match[2]),
            changed: match[3]!,
            relative: match[4]!,
            now: now.get(match[4]!) ?? null,
          },
        ]
      : []
  })
  return { archive: { sha256, same: archive !== '' && head === `${sha256}${archive}` }, files }
}
