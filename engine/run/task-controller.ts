import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem, Problems } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { findFile, searchFolders } from '../book/files.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { compileExpression } from '../lang/expression.ts'
import type { Node } from '../lang/node.ts'
import { filePlace } from '../lang/place-in-text.ts'
import { plainNode } from '../lang/plain.ts'
import type { Scope } from '../lang/scope.ts'
import { compileTemplate } from '../lang/template.ts'
import type { ConnectionFacts } from '../module/connection-facts.ts'
import type { Controller, LocalFile } from '../module/controller.ts'
import { isSealed } from '../vault/sealed-text.ts'
import { deferred } from './deferred.ts'
import type { Session } from './session.ts'

export interface ControllerParts {
  readonly session: Session
  readonly task: Task
  readonly playbookDir: string
  readonly scope: Scope
  readonly host: string
  readonly checking: boolean
  readonly connection: ConnectionFacts
  readonly reconnect?: () => Promise<void>
  /** Looking ahead says nothing. */
  readonly quiet?: boolean
}

/** A file, and the beginning of what is in it. */
interface Known {
  readonly file: LocalFile
  readonly beginning: Buffer
}

/** Bytes of a file that are kept for the next host; and of all files. */
const SMALL = 64 * 1024
let room = 64 * SMALL

const known = new Map<string, { stamp: string; read: Promise<Known> }>()

/** What a module may ask of this machine, for one task on one host. */
export function controllerFor(parts: ControllerParts): Controller {
  const { session, task, scope } = parts
  const folders = (kind: 'files' | 'templates' | 'vars' | 'tasks') =>
    searchFolders(kind, task.role, task.folder, parts.playbookDir)
  const find = (name: string, kind: 'files' | 'templates' | 'vars' | 'tasks'): string => {
    const path = findFile(name, folders(kind))
    if (path) return path
    throw new Problem('file-missing', `There is no file "${name}".`, {
      at: task.actionSpan,
      hint: `Looked in: ${folders(kind)
        .map((folder) => session.reading.files.shown(folder))
        .join(', ')}.`,
    })
  }
  return {
    checking: parts.checking,
    host: parts.host,
    connection: parts.connection,
    playbookDir: parts.playbookDir,
    roleDir: task.role?.role.folder,
    signal: session.abandon.signal,
    get pkiFolder() {
      return resolve(parts.playbookDir, String(scope.get('tsplay_pki_dir') ?? '.tsplay/pki'))
    },
    file: (name, kind, options) => taskFile(session, find(name, kind), options?.decrypt ?? true),
    files: (folder, kind, options) => filesBelow(session, find(folder, kind), options?.decrypt ?? true),
    path: async (name, kind) => find(name, kind),
    isFolder: async (name, kind) => (await stat(find(name, kind))).isDirectory(),
    render: (text, name) => {
      const source = new Source(session.reading.files.shown(name), text)
      return compileTemplate(text, filePlace(source), {
        partials: (partial) =>
          partialSource(
            session,
            findFile(`${partial}.hbs`, folders('templates')) ?? findFile(partial, folders('templates')),
          ),
      }).renderText(scope)
    },
    condition: (condition) =>
      evaluateCondition(isNode(condition) ? condition : plainNode(condition, task.actionSpan), scope),
    variable: (name) => {
      // `debug: {var: result.stdout}`: a path, or any expression.
      const value = /^[A-Za-z_]\w*$/.test(name)
        ? scope.get(name)
        : compileExpression(name, { span: task.actionSpan }).evaluate(scope)
      if (isUnknown(value)) throw new TouchedUnknown(value)
      return value
    },
    variables: async (path) => {
      const variables = variablesOf(session, path)
      await session.sealed.openAhead(variables)
      return variables
    },
    secret: (text) => session.masker.add(text),
    warn: (message) =>
      parts.quiet ? undefined : session.emit({ event: 'warning', message: session.masker.text(message) }),
    sleep: async (milliseconds) => {
      const { signal } = session.waiting
      await sleep(milliseconds, undefined, { signal }).catch((thrown: unknown) => {
        throw signal.aborted ? new Problem('interrupted', 'Interrupted while it waited.') : thrown
      })
    },
    ...(parts.reconnect ? { reconnect: parts.reconnect } : {}),
    ...(session.options.ask ? { ask: session.options.ask } : {}),
  }
}

/** A variables file, its templates left for when they are used. */
function variablesOf(session: Session, path: string): Record<string, unknown> {
  const { files } = session.reading
  const before = files.problems.length
  const variables = files.variables(path)
  const problems = files.problems.slice(before)
  if (problems.length > 0) throw new Problems(problems)
  return Object.fromEntries(
    [...variables].map(([name, variable]) => [name, 'node' in variable ? deferred(variable.node) : variable.value]),
  )
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'span' in value
}

function partialSource(session: Session, path: string | undefined): Source | undefined {
  const text = path === undefined ? undefined : session.reading.files.text(path)
  return text === undefined ? undefined : new Source(session.reading.files.shown(path!), text)
}

/** A file as a task gets it: what is in it, when it is sealed. */
async function taskFile(session: Session, path: string, decrypt: boolean): Promise<LocalFile> {
  const { file, beginning } = await knownFile(path)
  if (!decrypt || !isSealed(beginning)) return file
  const text = (await file.content()).toString('latin1')
  await session.sealed.vault.openAhead([text])
  const bytes = session.sealed.openFile(session.reading.files.shown(path), text)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { ...file, sealed: true, size: bytes.length, sha256, content: async () => bytes }
}

/** Read once, for as long as the file stays the same: each host asks for it. */
async function knownFile(path: string): Promise<Known> {
  const there = await statOf(path)
  if (there.isDirectory()) throw new Problem('file-missing', `${path} is a folder, not a file.`)
  const stamp = `${there.size} ${there.mtimeMs} ${there.ino}`
  const before = known.get(path)
  if (before?.stamp === stamp) return before.read
  const mode = (there.mode & 0o7777).toString(8).padStart(4, '0')
  const read = readThrough(path).then(({ sha256, beginning, whole }): Known => {
    const content = async () => whole ?? readFile(path)
    return { file: { path, size: there.size, sha256, mode, content }, beginning }
  })
  known.set(path, { stamp, read })
  // Who may not read it now may be let later.
  read.catch(() => known.delete(path))
  return read
}

const asked = new Map<string, Promise<Stats>>()

/** Many hosts ask for the same file at once. */
function statOf(path: string): Promise<Stats> {
  if (asked.size === 0) setImmediate(() => asked.clear())
  const there = asked.get(path) ?? stat(path)
  asked.set(path, there)
  return there
}

/** `whole`: what is in a small file. */
async function readThrough(path: string): Promise<{ sha256: string; beginning: Buffer; whole: Buffer | undefined }> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    size += (chunk as Buffer).length
    if (kept.length === 0 || size <= SMALL) kept.push(chunk as Buffer)
    hash.update(chunk as Buffer)
  }
  const beginning = Buffer.from(kept[0]?.subarray(0, 32) ?? [])
  const fits = size <= Math.min(SMALL, room)
  if (fits) room -= size
  return { sha256: hash.digest('hex'), beginning, whole: fits ? Buffer.concat(kept) : undefined }
}

async function filesBelow(
  session: Session,
  folder: string,
  decrypt: boolean,
): Promise<(LocalFile & { relative: string })[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Promise.all(
    paths.map(async (path) => ({ ...(await taskFile(session, path, decrypt)), relative: relative(folder, path) })),
  )
}
