import { existsSync, readdirSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import { child, type MapNode, type Node } from '../lang/node.ts'
import { keyText, toPlain } from '../lang/plain.ts'
import type { Variable } from '../lang/scope.ts'
import type { Entry, Setting } from './entry.ts'
import { setVariables } from './files.ts'
import type { Level } from './level.ts'
import { missingFileHint } from './missing-file.ts'
import { readTaskFile } from './read-entries.ts'
import { fail, type Reading, readLevel } from './reading.ts'
import type { Role, RoleUse } from './role.ts'

export interface Use {
  readonly setting: Setting
  readonly level: Level
  readonly params: ReadonlyMap<string, Variable>
  readonly givenVars?: ReadonlyMap<string, Variable>
  readonly tasksFrom?: string | undefined
  readonly varsFrom?: string | undefined
  readonly defaultsFrom?: string | undefined
  readonly handlersFrom?: string | undefined
  readonly public: boolean
  /** The variables an import or an include gives; undefined in a list of roles. */
  readonly included?: ReadonlyMap<string, Variable>
  /** Of an import or an include: whether it runs though it ran before. Otherwise the role's meta file says. */
  readonly repeats?: boolean
  /** Read what it depends on, before it. */
  readonly dependencies: boolean
}

/** Finds a role's folder and reads its meta file. */
export function findRole(reading: Reading, name: string, at: Span): Role | undefined {
  const known = reading.roles.get(name)
  if (known) return known
  const folders = reading.files.roleFolders(reading.playbookFolder)
  const folder =
    isAbsolute(name) || name.startsWith('.')
      ? existsSync(join(reading.playbookFolder, name))
        ? join(reading.playbookFolder, name)
        : existsSync(name)
          ? name
          : undefined
      : folders.map((one) => join(one, name)).find((one) => existsSync(one))
  if (!folder) {
    const all = folders.filter((one) => existsSync(one)).flatMap((one) => readdirSync(one))
    const near = suggest(name, all)
    reading.problems.push(
      new Problem('unknown-role', `There is no role "${name}".`, {
        at,
        hint: near
          ? `Did you mean "${near}"?`
          : `Looked in: ${folders.map((one) => reading.files.shown(one)).join(', ')}.`,
      }),
    )
    return undefined
  }
  const role = readMeta(reading, basename(folder), folder)
  reading.roles.set(name, role)
  return role
}

/** What meta/main.yml may say, with its meaning. */
export const metaOptions = {
  dependencies: 'Roles to run before this one.',
  params: 'A JSON Schema of its variables, checked before the first connection.',
  checks: 'Conditions on its variables, each with what to say when it does not hold.',
  allow_duplicates: 'Run it each time it is listed.',
  description: 'What it is for.',
  galaxy_info: "Galaxy's own; not read.",
  argument_specs: "Ansible's; not read: say params.",
  collections: "Ansible's; not read.",
} as const

const metaKeys = Object.keys(metaOptions)

function readMeta(reading: Reading, name: string, folder: string): Role {
  const path = reading.files.mainFile(join(folder, 'meta'))
  const root = path ? reading.files.read(path) : undefined
  const meta: MapNode | undefined = root?.kind === 'map' ? root : undefined
  for (const pair of meta?.pairs ?? []) {
    if (!metaKeys.includes(keyText(pair.key)))
      fail(
        reading,
        'unknown-keyword',
        `A role's meta file has no key "${keyText(pair.key)}".`,
        pair.key.span,
        suggest(keyText(pair.key), metaKeys) && `Did you mean "${suggest(keyText(pair.key), metaKeys)}"?`,
      )
  }
  const dependencies = meta && child(meta, 'dependencies')
  const checks = meta && child(meta, 'checks')
  const duplicates = meta && child(meta, 'allow_duplicates')
  return {
    name,
    folder,
    allowDuplicates: duplicates ? toPlain(duplicates) === true : false,
    dependencies: dependencies?.kind === 'seq' ? dependencies.items : [],
    params: meta && child(meta, 'params'),
    checks: checks?.kind === 'seq' ? checks.items.flatMap((item) => readCheck(reading, item)) : [],
  }
}

function readCheck(reading: Reading, node: Node): { that: Node; msg: Node | undefined }[] {
  const that = node.kind === 'map' ? child(node, 'that') : undefined
  if (node.kind !== 'map' || !that) {
    fail(reading, 'shape', 'A check of a role is a map with "that" (a condition) and "msg".', node.span)
    return []
  }
  return [{ that, msg: child(node, 'msg') }]
}

/** Reads a role as it is used here. undefined when it is not found (which is said). */
export function useRole(reading: Reading, name: string, at: Span, use: Use): RoleUse | undefined {
  const role = findRole(reading, name, at)
  if (!role) return undefined
  const marker = `role ${role.folder}`
  if (reading.open.includes(marker)) {
    fail(reading, 'shape', `The role "${name}" depends on itself.`, at, 'Take the dependency out of meta/main.yml.')
    return undefined
  }
  const parents = use.setting.role ? [...use.setting.role.parents, use.setting.role] : []
  const entries: Entry[] = []
  const handlers: Entry[] = []
  const needs: RoleUse[] = []
  const result: RoleUse = {
    role,
    span: at,
    params: use.params,
    givenVars: use.givenVars ?? new Map(),
    defaults: reading.files.variables(partFile(reading, role, 'defaults', use.defaultsFrom, at)),
    vars: reading.files.variables(partFile(reading, role, 'vars', use.varsFrom, at)),
    level: use.level,
    levels: [...use.setting.levels, use.level],
    parents,
    needs,
    public: use.public,
    identity: identityOf(role, use),
    repeats: use.repeats ?? role.allowDuplicates,
    entries,
    handlers,
  }
  const setting: Setting = { levels: result.levels, role: result, folder: join(role.folder, 'tasks') }
  reading.open.push(marker)
  if (use.dependencies)
    for (const dependency of role.dependencies) {
      const read = readRoleItem(reading, dependency)
      if (!read) continue
      const needed = useRole(reading, read.name, read.span, { ...read, setting, public: true, dependencies: true })
      if (!needed) continue
      needs.push(needed)
      reading.roleUses.push(needed)
      entries.push(...needed.entries)
    }
  const tasks = partFile(reading, role, 'tasks', use.tasksFrom, at)
  if (tasks) entries.push(...readTaskFile(reading, tasks, setting, at))
  else if (
    !existsSync(join(role.folder, 'meta')) &&
    !existsSync(join(role.folder, 'defaults')) &&
    !existsSync(join(role.folder, 'handlers')) &&
    !existsSync(join(role.folder, 'vars')) &&
    use.tasksFrom === undefined
  ) {
    fail(
      reading,
      'unknown-role',
      `The folder ${reading.files.shown(role.folder)} is not a role: it has no tasks, handlers, defaults, vars or meta.`,
      at,
      `Put its tasks into ${reading.files.shown(join(role.folder, 'tasks', 'main.yml'))}.`,
    )
  }
  const handlerFile = partFile(reading, role, 'handlers', use.handlersFrom, at)
  if (handlerFile)
    handlers.push(
      ...readTaskFile(reading, handlerFile, { ...setting, folder: join(role.folder, 'handlers') }, at, true),
    )
  reading.open.pop()
  return result
}

function partFile(reading: Reading, role: Role, part: string, from: string | undefined, at: Span): string | undefined {
  const folder = join(role.folder, part)
  const path = reading.files.mainFile(folder, from ?? 'main')
  if (!path && from !== undefined) {
    const shown = (one: string) => reading.files.shown(one)
    const hint = missingFileHint(`${from}.yml`, [folder], shown)
    fail(reading, 'file-missing', `The role "${role.name}" has no ${part}/${from}.`, at, hint)
  }
  return path
}

export interface RoleItem {
  readonly name: string
  readonly span: Span
  readonly level: Level
  readonly params: ReadonlyMap<string, Variable>
  readonly givenVars: ReadonlyMap<string, Variable>
}

/** Which uses are one, as Ansible sees it. */
function identityOf(role: Role, use: Use): string {
  const plain = (variables: RoleItem['params'] | undefined) =>
    variables &&
    [...variables].map(([name, variable]) => [name, 'node' in variable ? toPlain(variable.node) : variable.value])
  const when = use.level.keywords.get('when')
  return JSON.stringify([
    role.folder,
    plain(use.params),
    plain(use.givenVars ?? new Map()),
    when ? toPlain(when) : null,
    use.level.tags,
    [use.tasksFrom, use.varsFrom, use.defaultsFrom, use.handlersFrom],
    plain(use.included),
  ])
}

/** An item of `roles:` or of a role's dependencies: a name, or a map with keywords and parameters. */
export function readRoleItem(reading: Reading, node: Node): RoleItem | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    return {
      name: node.value,
      span: node.span,
      level: { bearer: 'role', span: node.span, keywords: new Map(), tags: [], vars: new Map() },
      params: new Map(),
      givenVars: new Map(),
    }
  }
  const nameNode = node.kind === 'map' ? (child(node, 'role') ?? child(node, 'name')) : undefined
  const name = nameNode && reading.static(nameNode)
  if (node.kind !== 'map' || !nameNode || typeof name !== 'string') {
    fail(
      reading,
      'shape',
      'A role is named by a text, or by a map with "role".',
      node.span,
      'Write "- etcd", or "- {role: etcd, tags: [etcd]}".',
    )
    return undefined
  }
  const { level, others } = readLevel(reading, 'role', node)
  const params = new Map<string, Variable>()
  const rest = others.filter((pair) => keyText(pair.key) !== 'role')
  setVariables(params, { ...node, pairs: rest })
  return { name, span: nameNode.span, level: { ...level, vars: new Map() }, params, givenVars: level.vars }
}
