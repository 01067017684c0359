import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Change } from '../base/result.ts'
import { isUnknown, type Unknown } from '../base/unknown.ts'
import {
  attributeResult,
  differingAttributes,
  newAttributes,
  unknownAccount,
  type WantedAttributes,
} from './attributes.ts'
import { type Effect, fileEffect } from './effect.ts'
import { digest } from './reads/digest.ts'
import { type Identity, identity } from './reads/identity.ts'
import { realPath } from './reads/real-path.ts'
import type { Stat } from './stat.ts'
import type { Content, Step } from './step.ts'
import { copied } from './steps/copied.ts'
import { type Attributes, makeDirectory, makeFirst, setAttributes } from './steps/files.ts'
import { backupName, write } from './steps/write.ts'
import type { Host } from './view.ts'

/** Larger texts are shown by size and digest only. */
export const DIFF_LIMIT = 128 * 1024

export interface PlaceOptions extends WantedAttributes {
  /** Where to, as given; ending in / or being a folder: the file goes into it, under `basename`. */
  readonly dest: string
  readonly basename?: string | undefined
  readonly content: Content
  /** The bytes are those of this file of the host: it is copied there, nothing is sent. */
  readonly fromHost?: string | undefined
  /** Write through a link at `dest` instead of replacing it. */
  readonly follow?: boolean | undefined
  /** Replace a file of another content. */
  readonly force?: boolean | undefined
  readonly backup?: boolean | undefined
  readonly validate?: string | undefined
  /** Make missing folders above, even when `dest` does not end in /. */
  readonly makeParents?: boolean | undefined
  readonly directoryMode?: string | undefined
  /** What is in the file now, when it has been read already: no digest is asked for. */
  readonly current?: Buffer | null | undefined
  /** Attributes of folders that are made. Default: owner and group as the file, and `directoryMode`. */
  readonly folders?: WantedAttributes | undefined
}

/** What is where a whole file should be. Plain data. */
export interface Place {
  readonly path: string
  /** What has the name itself, and what it leads to when it is a link. */
  readonly own: Stat | null
  readonly target: Stat | null
  readonly sha256: string | null
  /** Why nobody can know what is in it (dry runs). */
  readonly unsure?: string
  /** Folders to make, outermost first. */
  readonly missing: readonly string[]
  readonly me: Identity
  /** The old text, when small, asked for only when it will change. */
  readonly before?: string | undefined
  readonly backup?: string | undefined
  readonly failed?: string | undefined
  readonly hint?: string
  readonly warnings: readonly string[]
}

interface Candidate {
  path: string
  own: Stat | null
  target: Stat | null
  sha256: string | null | Unknown
}

/** Looks at all that matters for placing a file, in one round trip (a second one when it will change). */
export async function lookAtPlace(host: Host, options: PlaceOptions, checking: boolean): Promise<Place> {
  const { dest } = options
  const into = dest.endsWith('/') && dest !== '/'
  const joined = options.basename === undefined ? undefined : posix.join(dest, options.basename)
  const plain = dest.length > 1 ? dest.replace(/\/+$/, '') : dest
  const folders = into || options.makeParents ? ancestors(into ? plain : posix.dirname(plain)) : [posix.dirname(plain)]
  const [first, second, me, ...above] = await Promise.all([
    candidate(host, plain, options),
    joined === undefined ? undefined : candidate(host, joined, options),
    host.read(identity, ''),
    ...folders.map((folder) => host.type(folder)),
  ])
  const none = { own: null, target: null, sha256: null, missing: [], me, warnings: [] }
  const asFolder = into || first.target?.type === 'directory'
  if (asFolder && !second) return { ...none, path: plain, failed: `${plain} is a folder; name the file in it.` }
  const chosen = asFolder ? second! : first
  const name = asFolder ? joined! : plain
  if (chosen.path !== name && chosen.target === null) {
    // It is made where the link leads: then that is the place to look at.
    const place = await lookAtPlace(
      host,
      { ...options, dest: chosen.path, basename: undefined, follow: false },
      checking,
    )
    return place.failed === undefined ? place : { ...place, failed: `${name} is a link: ${place.failed}` }
  }
  const blocked = folders.find((_, index) => above[index] && above[index] !== 'directory')
  if (blocked !== undefined)
    return {
      ...none,
      path: chosen.path,
      failed: `${blocked} is not a folder, but a ${above[folders.indexOf(blocked)]}.`,
    }
  const missing = folders.filter((_, index) => above[index] === null)
  if (missing.length > 0 && !into && !options.makeParents) {
    const folder = posix.dirname(plain)
    const failed = `Destination folder ${folder} does not exist.`
    return { ...none, path: chosen.path, failed, hint: makeFirst(folder) }
  }
  if (chosen.target?.type === 'directory')
    return { ...none, path: chosen.path, failed: `${chosen.path} is a folder; a file cannot take its place.` }
  if (isUnknown(chosen.sha256))
    return { ...chosen, sha256: null, unsure: chosen.sha256.reason, missing, me, warnings: [] }
  const place = { ...chosen, sha256: chosen.sha256, missing, me }
  return { ...place, ...(await lookCloser(host, place, options, checking)) }
}

/** What matters only when something will change: the accounts named, the old text, a backup's name. */
async function lookCloser(
  host: Host,
  place: { path: string; own: Stat | null; target: Stat | null; sha256: string | null },
  options: PlaceOptions,
  checking: boolean,
): Promise<Pick<Place, 'warnings' | 'failed' | 'before' | 'backup'>> {
  if (place.own && options.force === false) return { warnings: [] }
  const content = !sameContent(place, options)
  const attributes = place.target ? differingAttributes(place.path, place.target, options).set : options
  if (!content && !attributes) return { warnings: [] }
  const small = place.target && place.target.type === 'file' && place.target.size <= DIFF_LIMIT
  const [account, before] = await Promise.all([
    attributes ? unknownAccount(host, attributes) : undefined,
    content && small ? host.content(place.path) : null,
  ])
  return {
    warnings: account !== undefined && checking ? [`${account} It must exist by then.`] : [],
    ...(account !== undefined && !checking ? { failed: account } : {}),
    ...(before && asText(before) !== undefined ? { before: asText(before) } : {}),
    ...(options.backup && content && place.target ? { backup: backupName(place.path, new Date(), process.pid) } : {}),
  }
}

async function candidate(host: Host, path: string, options: PlaceOptions): Promise<Candidate> {
  const { current, follow = false } = options
  const [own, target, real, sha256] = await Promise.all([
    host.stat(path),
    host.stat(path, { follow: true }),
    follow ? host.read(realPath, path) : path,
    current === undefined ? host.maybe(digest, { path, algorithm: 'sha256' }) : current && (sha256Of(current) ?? null),
  ])
  return follow && own?.type === 'link' ? { path: real, own: target, target, sha256 } : { path, own, target, sha256 }
}

/** `/a/b/c` → /a, /a/b, /a/b/c */
export function ancestors(folder: string): string[] {
  const parts = folder.split('/').filter(Boolean)
  return parts.map((_, index) => (folder.startsWith('/') ? '/' : '') + parts.slice(0, index + 1).join('/'))
}

export interface Placed {
  readonly changes: Change[]
  readonly steps: Step[]
  readonly result: Record<string, unknown>
  readonly warnings: readonly string[]
  readonly failed?: string
  readonly hint?: string
  readonly mayChange?: string
}

/** What must be done so that the file is there with this content and these attributes. Pure. */
export function planPlace(place: Place, options: PlaceOptions): Placed {
  const { path, target, me } = place
  const base = { changes: [] as Change[], steps: [] as Step[], warnings: place.warnings }
  const common = { dest: path, state: 'file', ...checksums(options.content) }
  const { failed, hint = '' } = place
  if (failed !== undefined) return { ...base, failed, ...(hint && { hint }), result: { dest: path } }
  if (place.own && options.force === false)
    return { ...base, result: { dest: path, ...(target ? attributeResult(target) : {}), msg: 'file already exists' } }
  const folderAttributes = newAttributes(options.folders ?? { ...options, mode: options.directoryMode }, true)
  for (const folder of place.missing) {
    base.steps.push(makeOwnDirectory(me, folder, folderAttributes))
    base.changes.push({ path: folder, after: 'folder' })
  }
  if (sameContent(place, options)) {
    const { set, changes } = differingAttributes(path, target!, options)
    if (set) base.steps.push(setAttributes(path, set))
    base.changes.push(...changes)
    return { ...base, result: { ...common, ...attributeResult(target!), ...set } }
  }
  const differing = target ? differingAttributes(path, target, options) : undefined
  const fresh = newAttributes(options, false)
  const mode = target ? (options.mode === undefined ? undefined : (differing!.set?.mode ?? target.mode)) : fresh.mode
  const sent = write({
    path,
    content: options.content,
    mode,
    owner: options.owner,
    group: options.group,
    backup: place.backup,
    validate: options.validate,
    unsafe: options.unsafe_writes,
  })
  const step = options.fromHost === undefined ? sent : copied(sent, options.fromHost)
  const final = {
    mode: mode ?? target?.mode ?? '0644',
    owner: options.owner ?? target?.owner ?? me.user,
    group: options.group ?? target?.group ?? me.group,
  }
  base.steps.push(withAttributes(step, path, final))
  base.changes.push(contentChange(place, options.content), ...(differing?.changes ?? []))
  const unknown = 'make' in options.content ? options.content.unknown : undefined
  const unsure = place.unsure ?? (unknown && !unknown.fresh && target ? unknown.reason : undefined)
  return {
    ...base,
    result: { ...common, ...final, ...(place.backup === undefined ? {} : { backup_file: place.backup }) },
    ...(unsure === undefined ? {} : { mayChange: unsure }),
  }
}

function sameContent(
  place: { own: Stat | null; sha256: string | null; unsure?: string },
  options: PlaceOptions,
): boolean {
  if (place.own?.type !== 'file' || place.sha256 === null || place.unsure !== undefined) return false
  return place.sha256 === sha256Of(options.content)
}

/** undefined: nobody can know before it is made. */
export function sha256Of(content: Content): string | undefined {
  if (Buffer.isBuffer(content)) return createHash('sha256').update(content).digest('hex')
  return 'file' in content ? content.sha256 : undefined
}

function checksums(content: Content): Record<string, unknown> {
  if (Buffer.isBuffer(content))
    return { checksum: createHash('sha1').update(content).digest('hex'), size: content.length }
  return 'file' in content ? { sha256: content.sha256, size: content.size } : {}
}

function contentChange(place: Place, content: Content): Change {
  const after = Buffer.isBuffer(content) && content.length <= DIFF_LIMIT ? asText(content) : undefined
  const hidden = holdsKey(after) || holdsKey(place.before)
  const said = after === undefined || hidden ? describeContent(content) : after
  const secret = hidden ? { secret: true } : {}
  if (!place.target) return { path: place.path, after: said, ...secret }
  if (place.own?.type === 'link')
    return { path: place.path, before: `link to ${place.own.target ?? ''}`, after: said, ...secret }
  const sized = `(${place.target.size} bytes${place.sha256 === null ? '' : `, sha256 ${place.sha256}`})`
  const before = hidden ? sized : (place.before ?? sized)
  return {
    path: place.path,
    before: after === undefined && place.before !== undefined ? `(${place.target.size} bytes)` : before,
    after: said,
    ...secret,
  }
}

/** A private key, alone or in a kubeconfig: never shown, whoever copies it, whether or not anything was called secret. */
const holdsKey = (text: string | undefined): boolean =>
  text !== undefined && (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text) || /^\s*"?client-key-data"?:/m.test(text))

function describeContent(content: Content): string {
  if (Buffer.isBuffer(content)) return `(${content.length} bytes, sha256 ${sha256Of(content)})`
  return 'file' in content ? `(${content.size} bytes, sha256 ${content.sha256})` : `(${content.unknown.reason})`
}

/** A text for a diff; undefined for anything else. */
export function asText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined
  const text = bytes.toString('utf8')
  return text.includes('\uFFFD') && Buffer.compare(Buffer.from(text), bytes) !== 0 ? undefined : text
}

/** A step whose predictions of this path also say what nobody asked for but is sure. */
export function withAttributes(
  step: Step,
  path: string,
  attributes: { mode?: string; owner?: string; group?: string },
): Step {
  const effects = step.effects.map((effect: Effect) =>
    'file' in effect && effect.file.path === path ? fileEffect({ ...effect.file, ...attributes }) : effect,
  )
  return { ...step, effects }
}

/** Makes a folder, and says whom it will belong to: the user who acts, where nothing else is asked for. */
export function makeOwnDirectory(me: Identity, path: string, attributes: Attributes): Step {
  const { mode = '0755', owner = me.user, group = me.group } = attributes
  return { ...makeDirectory(path, attributes), effects: [fileEffect({ path, type: 'directory', mode, owner, group })] }
}
