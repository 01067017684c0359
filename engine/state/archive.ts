import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Unknown } from '../base/unknown.ts'
import { ENTER_OWN, makeOwn } from '../wire/own-folder.ts'
import { quote } from '../wire/quote.ts'
import { type Effect, fileEffect } from './effect.ts'
import { defineRead } from './read.ts'
import type { Step } from './step.ts'
import { PLACE } from './steps/place.ts'
import { ownership } from './steps/write.ts'

export type ArchiveFormat = 'gz' | 'bz2' | 'xz' | 'tar' | 'zip'

/** What shall be in an archive, or one file that is only compressed. */
export interface ArchiveAsk {
  readonly dest: string
  readonly format: ArchiveFormat
  /** The folder that names are relative to. */
  readonly root: string
  /** Names below it; folders by themselves, without what is in them. */
  readonly members: readonly string[]
  /** The one member is compressed as it is, into no archive. */
  readonly single: boolean
}

/** What makes each format, and turns it back. */
const TOOLS: Record<ArchiveFormat, { readonly pack: string; readonly unpack: string }> = {
  gz: { pack: 'gzip -nc', unpack: 'gzip -dc' },
  bz2: { pack: 'bzip2 -c', unpack: 'bzip2 -dc' },
  xz: { pack: 'xz -c', unpack: 'xz -dc' },
  tar: { pack: 'cat', unpack: 'cat' },
  zip: { pack: 'cat', unpack: 'cat' },
}

/** The program that a host needs for a format; undefined: it has it in any case. */
export const archiver: Record<ArchiveFormat, string | undefined> = {
  gz: 'gzip',
  bz2: 'bzip2',
  xz: 'xz',
  tar: undefined,
  zip: 'zip',
}

const listOf = ({ members }: ArchiveAsk) => Buffer.from(members.map((name) => `${name}\0`).join(''))

/**
 * A shell function `make`: prints what is packed, given the members' names, each ended by NUL, on its stdin. The same
 * files make the same bytes, so that two archives can be compared without unpacking.
 */
function maker(ask: ArchiveAsk): string {
  const { root, format, members, single } = ask
  const start = `cd -- ${quote(root)} || return 1`
  if (single && format !== 'tar' && format !== 'zip') return `make() { ${start}; cat -- ${quote(`./${members[0]}`)}; }`
  if (format === 'zip') return `make() { ${start}; tr '\\000' '\\n' | zip -q -X - -@; }`
  return `make() { ${start}
if tar --version 2>/dev/null | grep -q GNU; then tar --no-recursion --null --format=gnu -T - -cf -
elif [ ${listOf(ask).length} -lt 100000 ]; then xargs -0 -n 100000 -s 125000 tar --no-recursion -cf - --
else echo "this host's tar (no GNU tar) takes no such long list of names" >&2; return 1; fi; }`
}

const inLines = (bytes: Buffer) => (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\n')

/** Whether an archive holds just what it should, byte for byte; undone, it is compared with what would be made now. */
export const archiveIsRight = defineRead<ArchiveAsk, boolean>({
  name: 'archive',
  key: (ask) => `${ask.dest} ${createHash('sha256').update(JSON.stringify(ask)).digest('hex').slice(0, 16)}`,
  paths: (ask) => [ask.dest, ...ask.members.map((name) => posix.join(ask.root, name))],
  items: (asks) =>
    asks.map(
      (ask) => `[ -f ${quote(ask.dest)} ] || exit 1
${maker(ask)}
old=$(${TOOLS[ask.format].unpack} <${quote(ask.dest)} 2>/dev/null | sha256sum) || exit 1
new=$(base64 -d <<'TSPLAY_LIST' | make | sha256sum
${inLines(listOf(ask))}
TSPLAY_LIST
) || exit 1
[ "$old" = "$new" ]`,
    ),
  parse: (replies) => replies.map((reply) => reply.status === 0),
  // What a dry run would change is not there to be packed.
  predicted: (files, ask) =>
    [ask.dest, ...ask.members.map((name) => posix.join(ask.root, name))].some((path) => files.at(path) !== undefined)
      ? Promise.resolve(false)
      : undefined,
})

export interface PackOptions {
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** What the file will surely have. */
  readonly effect: { readonly mode: string; readonly owner: string; readonly group: string }
}

/** Makes the archive beside its name, and gives it the name when it is whole. */
export function pack(ask: ArchiveAsk, options: PackOptions): Step {
  const { dest } = ask
  const effects: Effect[] = [
    fileEffect({
      path: dest,
      type: 'file',
      ...options.effect,
      content: new Unknown(`what is in ${dest}, which is not packed in a dry run`),
    }),
    { read: archiveIsRight.name, key: archiveIsRight.key(ask), gives: true },
  ]
  return {
    name: 'pack',
    show: `pack ${ask.members.length === 1 ? posix.join(ask.root, ask.members[0]!) : `${ask.members.length} files and folders`} into ${dest}`,
    send: listOf(ask),
    script: `list=$1 from=$PWD
${makeOwn(quote(posix.dirname(dest)))}
${maker(ask)}
${PLACE}
${ENTER_OWN}
# The status of the first of two that are joined by a pipe is nowhere else to be had.
{ { cd -- "$from" && make <"$list" || echo failed >&4; } | ${TOOLS[ask.format].pack} >new; } 4>failed || exit 1
[ ! -s failed ] || exit 1
${options.owner === undefined && options.group === undefined ? '' : `chown -- ${ownership(options)} new || exit 1`}
chmod ${quote(options.effect.mode)} new || exit 1
sync new 2>/dev/null
place new ${posix.isAbsolute(dest) ? quote(dest) : `"$from"/${quote(dest)}`}`,
    effects,
  }
}
