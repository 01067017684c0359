import { dirname, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { didYouMean, suggest } from '../base/suggest.ts'
import { child, type MapNode, type Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Entry, Setting } from './entry.ts'
import { findFile } from './files.ts'
import { promptOptions } from './keywords.ts'
import type { Level } from './level.ts'
import { missingFileHint } from './missing-file.ts'
import type { Play } from './play.ts'
import { readEntries } from './read-entries.ts'
import { readRoleItem, useRole } from './read-role.ts'
import { fail, type Reading, readLevel, unknownKeyword } from './reading.ts'
import type { RoleUse } from './role.ts'

/** A playbook file's plays, those of imported playbooks in their places. */
export function readPlaybook(reading: Reading, path: string, outer: readonly Level[] = [], at?: Span): Play[] {
  const file = resolve(path)
  if (reading.open.includes(file)) {
    reading.problems.push(
      new Problem('shape', `The playbook ${reading.files.shown(file)} imports itself.`, {
        at,
        hint: 'Take this import out.',
      }),
    )
    return []
  }
  const root = reading.files.read(file, at)
  if (!root) {
    if (
      !reading.files.problems.some(
        (problem) => problem.spans[0]?.source.file === reading.files.shown(file) || problem.code === 'file-missing',
      )
    ) {
      reading.problems.push(
        new Problem('shape', `The playbook ${reading.files.shown(file)} is empty.`, {
          at: at ?? reading.files.beginning(file),
          hint: 'A playbook is a list of plays: "- hosts: all".',
        }),
      )
    }
    return []
  }
  if (root.kind !== 'seq') {
    fail(reading, 'shape', 'A playbook must be a list of plays.', root.span, 'Begin each play with "- hosts: …".')
    return []
  }
  reading.open.push(file)
  const plays = root.items.flatMap((item) => readItem({ ...reading, playbookFolder: dirname(file) }, item, file, outer))
  reading.open.pop()
  return plays
}

/** Plays that are not in a file: made of words of the command line. */
export function readItems(reading: Reading, items: readonly Node[], file: string, folder: string): Play[] {
  return items.flatMap((item) => readItem({ ...reading, playbookFolder: folder }, item, resolve(folder, file), []))
}

function readItem(reading: Reading, node: Node, file: string, outer: readonly Level[]): Play[] {
  if (node.kind !== 'map') {
    fail(reading, 'shape', 'A play must be a map.', node.span, 'Begin it with "- hosts: …".')
    return []
  }
  const imported = child(node, 'import_playbook') ?? child(node, 'ansible.builtin.import_playbook')
  if (imported) return importPlaybook(reading, node, imported, outer)
  const action = child(node, 'hosts') ? undefined : node.pairs.find(({ key }) => isAction(reading, keyText(key)))
  if (action) {
    const hint = 'Put it below "tasks:" of a play: "- hosts: all", and below that "tasks:".'
    fail(reading, 'shape', 'This is a task, and a playbook is a list of plays.', action.key.span, hint)
    return []
  }
  return [readPlay(reading, node, file, outer)]
}

function isAction(reading: Reading, name: string): boolean {
  return /^(?:block|action|(?:import|include)_(?:tasks|role))$/.test(name) || reading.isModule(name, [])
}

function importPlaybook(reading: Reading, map: MapNode, node: Node, outer: readonly Level[]): Play[] {
  const { level, others } = readLevel(reading, 'include', map)
  for (const pair of others)
    if (!keyText(pair.key).endsWith('import_playbook')) unknownKeyword(reading, 'include', pair)
  const name = reading.static(node)
  const path = typeof name === 'string' ? findFile(name, [reading.playbookFolder]) : undefined
  if (!path) {
    fail(
      reading,
      'file-missing',
      `There is no playbook "${String(name)}".`,
      node.span,
      missingFileHint(String(name ?? ''), [reading.playbookFolder], (folder) => reading.files.shown(folder)),
    )
    return []
  }
  const kept = new Map([...level.keywords].filter(([word]) => word !== 'name'))
  return readPlaybook(reading, path, [...outer, { ...level, keywords: kept }], node.span)
}

function readPlay(shared: Reading, map: MapNode, file: string, outer: readonly Level[]): Play {
  const reading: Reading = { ...shared, roleUses: [] }
  const { level, others } = readLevel(reading, 'play', map)
  for (const pair of others) {
    unknownKeyword(reading, 'play', pair)
  }
  const isMisspelt = others.some((pair) => suggest(keyText(pair.key), ['hosts']) !== undefined)
  if (!level.keywords.has('hosts') && !isMisspelt)
    fail(reading, 'shape', 'A play needs "hosts".', map.span, 'Say which hosts it is for: "hosts: all".')
  checkPrompts(reading, level.keywords.get('vars_prompt'))
  const folder = dirname(file)
  const setting: Setting = { levels: [...outer, level], role: undefined, folder }
  const entries = (name: string, handler = false): Entry[] =>
    readEntries(reading, level.keywords.get(name), setting, handler)
  const roles = readRoles(reading, level.keywords.get('roles'), setting)
  const preTasks = entries('pre_tasks')
  const tasks = entries('tasks')
  const postTasks = entries('post_tasks')
  const handlers = entries('handlers', true)
  return {
    span: map.span,
    file,
    folder,
    level,
    outer,
    preTasks,
    roles,
    tasks,
    postTasks,
    handlers: ordered(handlers, roles, reading.roleUses),
    roleUses: reading.roleUses,
    strategy: strategyOf(level),
  }
}

/** As Ansible has them: those of the listed roles and what these depend on, the play's own, those of imported roles. */
function ordered(own: readonly Entry[], roles: readonly RoleUse[], uses: readonly RoleUse[]): Entry[] {
  const withNeeds = (use: RoleUse): RoleUse[] => [...use.needs.flatMap(withNeeds), use]
  const unique = new Map<string, RoleUse>()
  for (const use of uses) if (!unique.has(use.identity)) unique.set(use.identity, use)
  const listed = roles.flatMap(withNeeds).filter((use) => unique.get(use.identity) === use)
  const imported = [...unique.values()].filter((use) => !listed.includes(use))
  const handlersOf = (some: readonly RoleUse[]) => some.flatMap((use) => use.handlers)
  return [...handlersOf(listed), ...own, ...handlersOf(imported)]
}

function readRoles(reading: Reading, node: Node | undefined, setting: Setting): RoleUse[] {
  if (!node) return []
  if (node.kind !== 'seq') {
    fail(reading, 'shape', '"roles" must be a list.', node.span, 'Begin each role with "- ".')
    return []
  }
  return node.items.flatMap((item) => {
    const read = readRoleItem(reading, item)
    if (!read) return []
    const use = useRole(reading, read.name, read.span, { ...read, setting, public: true, dependencies: true })
    if (!use) return []
    reading.roleUses.push(use)
    return [use]
  })
}

function strategyOf(level: Level): Play['strategy'] {
  const node = level.keywords.get('strategy')
  return node?.kind === 'scalar' ? (node.text.replace(/^ansible\.builtin\./, '') as Play['strategy']) : 'linear'
}

const promptKeys = Object.keys(promptOptions)

function checkPrompts(reading: Reading, node: Node | undefined): void {
  if (!node) return
  for (const item of node.kind === 'seq' ? node.items : [node]) {
    const name = item.kind === 'map' ? child(item, 'name') : undefined
    if (node.kind !== 'seq' || item.kind !== 'map' || !name)
      fail(
        reading,
        'shape',
        'A prompt needs the name of the variable that it asks for.',
        item.span,
        'Write a list of prompts: "- {name: release, prompt: Which release?}".',
      )
    for (const { key } of item.kind === 'map' ? item.pairs : [])
      if (!promptKeys.includes(keyText(key))) {
        const hint = didYouMean(keyText(key), promptKeys) ?? `It has: ${promptKeys.join(', ')}.`
        fail(reading, 'unknown-keyword', `A prompt has no "${keyText(key)}".`, key.span, hint)
      }
  }
}

/** `vars_files` and the like: a name, or alternatives of which the first that exists is taken. */
export function variableFiles(node: Node | undefined): Node[][] {
  if (!node) return []
  if (node.kind !== 'seq') return [[node]]
  return node.items.map((item) => (item.kind === 'seq' ? [...item.items] : [item]))
}
