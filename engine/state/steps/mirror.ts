import { posix } from 'node:path'
import { ENTER_OWN, makeOwn } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { Effect, FileEffect } from '../effect.ts'
import type { Step } from '../step.ts'
import { type TarFile, tarSize, tarStream } from '../tar.ts'
import { PLACE } from './place.ts'
import { ownership } from './write.ts'

/** A file, folder or link below the root, as it shall be. Fields that are missing stay as they are. */
export interface MirrorEntry {
  /** Below the root; '' is the root itself. */
  readonly relative: string
  readonly type: 'file' | 'directory' | 'link'
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mtime?: number | undefined
  readonly target?: string | undefined
  readonly size?: number | undefined
  readonly sha256?: string | undefined
}

export interface MirrorOptions {
  readonly root: string
  /** Sent in one archive; each takes its name by a rename. */
  readonly files: readonly TarFile[]
  /** What stands in the way of something of another type. */
  readonly obstacles: readonly string[]
  readonly folders: readonly string[]
  readonly links: readonly { readonly relative: string; readonly target: string }[]
  /** Files of the host that are alike take these names too. */
  readonly hardLinks: readonly { readonly relative: string; readonly target: string }[]
  /** Nothing of the controller's corresponds to them. */
  readonly extra: readonly string[]
  /** What is set at the end, when nothing more changes the folders' times. */
  readonly attributes: readonly MirrorEntry[]
  /** All that differs, as it is then. */
  readonly result: readonly MirrorEntry[]
  /** New files keep their times. */
  readonly times: boolean
  /** Only root may give files to others. */
  readonly asRoot: boolean
  readonly show: string
}

/** Makes what is below a folder like what the controller has, in one script and at most one transfer. */
export function mirror(options: MirrorOptions): Step {
  const { root, files } = options
  const at = (relative: string) => (relative === '' ? root : posix.join(root, relative))
  const effects: Effect[] = [
    ...[...options.obstacles, ...options.extra].map((path): Effect => ({ file: { path: at(path), type: 'absent' } })),
    ...options.result.map((entry): Effect => ({ file: effectOf(entry, at(entry.relative)) })),
  ]
  return {
    name: 'mirror',
    show: options.show,
    script: script(options),
    ...(files.length === 0
      ? {}
      : {
          send: { size: tarSize(files), stream: () => tarStream(files) },
          beside: posix.join(root, 'archive'),
        }),
    effects,
  }
}

function effectOf({ relative: _, ...fields }: MirrorEntry, path: string): FileEffect {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { path, type: fields.type, ...Object.fromEntries(known) }
}

function script(options: MirrorOptions): string {
  const { root, files, obstacles, folders, links, hardLinks, extra } = options
  const lines = ['set -e', `cd -- ${quote(root)}`, 'root=$(pwd -P)']
  if (files.length > 0) {
    const words = `${options.times ? '' : ' -m'}${options.asRoot ? '' : ' -o'}`
    lines.push(`( ${ENTER_OWN}; mkdir tree && tar -x -p${words} -f file -C tree && rm -f file )`)
  } else if (links.length + hardLinks.length > 0) lines.push(makeOwn('.'))
  lines.push(...inChunks('rm -rf --', obstacles))
  // Open to nobody else before it has its mode and owner.
  lines.push(...inChunks('mkdir -m 0700 --', folders))
  if (files.length > 0)
    lines.push(
      `( ${ENTER_OWN}; cd -P tree && find . ! -type d -exec sh -c ${quote(`root=$1; shift; ${PLACE}; for p do place "$p" "$root/\${p#./}" || exit 1; done`)} sh "$root" {} + )`,
    )
  if (links.length + hardLinks.length > 0) lines.push(PLACE)
  for (const { relative, target } of links)
    lines.push(`( ${ENTER_OWN}; ln -s -- ${quote(target)} link && place link "$root"/${quote(relative)} )`)
  for (const { relative, target } of hardLinks)
    lines.push(`ln -P -- ${quote(target)} "$tsplay_d/link"`, `place "$tsplay_d/link" "$root"/${quote(relative)}`)
  lines.push(...inChunks('rm -rf --', extra))
  // It changes the time of the folder that it is in.
  lines.push('[ -z "${tsplay_d-}" ] || rm -rf -- "$tsplay_d"', ...attributeLines(options.attributes))
  return lines.join('\n')
}

/** Owners first: chown clears set-user-ID bits. One process for many that shall be the same. */
function attributeLines(entries: readonly MirrorEntry[]): string[] {
  const owned = entries.filter(({ owner, group }) => owner !== undefined || group !== undefined)
  const moded = entries.filter(({ mode, type }) => mode !== undefined && type !== 'link')
  const timed = entries.filter(({ mtime, type }) => mtime !== undefined && type !== 'link')
  return [
    ...grouped(owned, (entry) => `chown -h -- ${ownership(entry)}`),
    ...grouped(timed, ({ mtime }) => `touch -c -d @${mtime} --`),
    // Five digits: with four, GNU chmod leaves a folder's set-group-ID bit. Last, for who may not write then.
    ...grouped(moded, ({ mode }) => `chmod -- ${mode!.padStart(5, '0')}`),
  ]
}

function grouped(entries: readonly MirrorEntry[], command: (entry: MirrorEntry) => string): string[] {
  const groups = new Map<string, string[]>()
  // What is deep first: a folder that is closed hides what is in it.
  for (const entry of [...entries].reverse()) {
    const words = command(entry)
    const group = groups.get(words)
    if (group) group.push(entry.relative)
    else groups.set(words, [entry.relative])
  }
  return [...groups].flatMap(([words, paths]) => inChunks(words, paths))
}

/** As many paths in a command as surely fit. */
function inChunks(command: string, paths: readonly string[]): string[] {
  const lines: string[] = []
  for (let at = 0; at < paths.length; at += 200) {
    const words = paths.slice(at, at + 200).map((path) => (path === '' ? '.' : `./${path}`))
    lines.push(`${command} ${words.map(quote).join(' ')}`)
  }
  return lines
}
