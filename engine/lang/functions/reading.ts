import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Scope } from '../scope.ts'
import { WrongArgument } from './function.ts'

/** Where a relative path is looked for: the role's folder for its kind, the role, the playbook's folders. */
export function foldersFor(scope: Scope, kind: 'files' | 'templates' | 'vars'): string[] {
  const role = scope.get('role_path')
  const playbook = scope.get('playbook_dir')
  const folders: string[] = []
  if (typeof role === 'string') folders.push(join(role, kind), role, join(role, 'tasks'))
  const last = typeof playbook === 'string' ? playbook : process.cwd()
  return [...folders, join(last, kind), last]
}

const home = (path: string) => (/^~(?=\/|$)/.test(path) ? (process.env['HOME'] ?? '/') + path.slice(1) : path)

export function findPath(scope: Scope, name: string, kind: 'files' | 'templates' | 'vars'): string | undefined {
  const path = home(name)
  if (isAbsolute(path)) return existsSync(path) ? path : undefined
  return foldersFor(scope, kind)
    .map((folder) => join(folder, path))
    .find((one) => existsSync(one))
}

/** A path below the playbook's folder, unless it is absolute. */
export function atPlaybook(scope: Scope, name: string): string {
  const path = home(name)
  const playbook = scope.get('playbook_dir')
  return isAbsolute(path) ? path : join(typeof playbook === 'string' ? playbook : process.cwd(), path)
}

export function missing(name: string, function_: string, scope: Scope, kind: 'files' | 'templates'): WrongArgument {
  const folders = isAbsolute(home(name)) ? [] : foldersFor(scope, kind)
  return new WrongArgument(
    `${function_}: there is no file "${name}"`,
    undefined,
    folders.length === 0 ? 'It is read on the controller.' : `Looked for in ${folders.join(', ')}.`,
  )
}

export function textOf(path: string, name: string): string {
  if (statSync(path).isDirectory()) throw new WrongArgument(`${name}: ${path} is a folder`, undefined, 'Name a file.')
  return readFileSync(path, 'utf8')
}
