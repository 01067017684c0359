import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { isProgram } from '../base/program.ts'
import { Source } from '../base/span.ts'
import type { Origin } from './group.ts'
import { readHostWord } from './host-range.ts'
import { readIniInventory } from './ini-inventory.ts'
import { readProgramInventory } from './program-inventory.ts'
import type { Tree } from './tree.ts'
import { readYamlInventory } from './yaml-inventory.ts'

/** In a folder of inventories these are something else, as for Ansible. */
const ignored =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/

/**
 * Reads one `-i` into the tree: a file, a folder of files, or hosts separated by commas.
 * Returns the folder whose group_vars/ and host_vars/ belong to it; none for a comma list.
 */
export function readInventorySource(
  tree: Tree,
  given: string,
  cwd: string,
  show: (path: string) => string,
): string | undefined {
  const path = resolve(cwd, given)
  const isFolder = folderOrFile(path)
  if (isFolder === undefined) {
    if (given.includes(',')) readCommaList(tree, given)
    else {
      tree.problems.push(
        new Problem('file-missing', `there is no inventory ${show(path)}`, {
          hint: `Name an inventory file or a folder of them; for a host name, add a comma: -i '${given},'`,
        }),
      )
    }
    return undefined
  }
  if (isFolder) readFolder(tree, path, show)
  else readFile(tree, path, show)
  return isFolder ? path : dirname(path)
}

function folderOrFile(path: string): boolean | undefined {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Not there: the caller says so, or takes it for a list of hosts.
    return undefined
  }
}

function readCommaList(tree: Tree, list: string): void {
  const source = new Source('-i', list)
  const origin: Origin = { file: list, dir: undefined, path: undefined }
  let at = 0
  for (const word of list.split(',')) {
    const start = at + (word.length - word.trimStart().length)
    const name = word.trim()
    const span = { source, start, end: start + name.length }
    at += word.length + 1
    if (name === '') continue
    try {
      const { names, port } = readHostWord(name)
      for (const one of names) {
        const host = tree.host(one, tree.ungrouped, origin, span)
        if (port !== undefined) host.vars.set('ansible_port', { value: port, span })
      }
    } catch (error) {
      tree.problems.push(
        new Problem('inventory', `"${name}" cannot be read as a host: ${(error as Error).message}`, { at: span }),
      )
    }
  }
}

function readFolder(tree: Tree, folder: string, show: (path: string) => string): void {
  let names: string[]
  try {
    names = readdirSync(folder).sort()
  } catch (error) {
    tree.problems.push(
      new Problem('file-missing', `the folder ${show(folder)} cannot be read`, {
        cause: error,
        hint: 'Look at its permissions.',
      }),
    )
    return
  }
  for (const name of names) {
    if (ignored.test(name)) continue
    const path = join(folder, name)
    if (folderOrFile(path)) readFolder(tree, path, show)
    else readFile(tree, path, show)
  }
}

function readFile(tree: Tree, path: string, show: (path: string) => string): void {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    tree.problems.push(
      new Problem('file-missing', `the inventory ${show(path)} cannot be read`, {
        cause: error,
        hint: 'Look at its permissions.',
      }),
    )
    return
  }
  const source = new Source(show(path), text)
  const origin: Origin = { file: show(path), dir: dirname(path), path }
  const format = formatOf(path, text)
  if (format === 'program') readProgramInventory(tree, path, show(path), origin)
  else if (format === 'ini') readIniInventory(tree, source, origin)
  else readYamlInventory(tree, source, origin)
}

/** By its name; without a telling one, by whether it is a program, has [sections], or no line ends a key. */
function formatOf(path: string, text: string): 'yaml' | 'ini' | 'program' {
  const extension = extname(path)
  if (/^\.(?:yml|yaml|json)$/.test(extension)) return 'yaml'
  if (extension === '.ini') return 'ini'
  if (isProgram(path)) return 'program'
  return /^\s*\[[^\]\s]+\]\s*(?:#.*)?$/m.test(text) || !/^[^#\n]*:(?:\s|$)/m.test(text) ? 'ini' : 'yaml'
}
