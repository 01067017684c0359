import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { globPattern } from '../base/glob.ts'
import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import type { ScalarNode } from '../lang/node.ts'
import type { Host } from './group.ts'
import type { Inventory } from './inventory.ts'

export interface Selection {
  /** Each host once, in the order of the pattern and the inventory. */
  readonly hosts: readonly Host[]
  readonly problems: readonly Problem[]
  /** Wildcards that match nothing. */
  readonly warnings: readonly string[]
}

/** The parts of a host pattern: between commas, else between the colons that are not inside brackets. */
export function splitPattern(pattern: string): string[] {
  const text = pattern.trim()
  const parts = text.includes(',') ? text.split(',') : isIPv6(text) ? [text] : text.match(/(?:[^\s:[\]]|\[[^\]]*\]?)+/g)
  return (parts ?? []).map((part) => part.trim()).filter((part) => part !== '')
}

/**
 * The hosts a pattern names, as Ansible reads it: `a:b`, `a,b`, `!not`, `&and`, `web*`, `~regex`, `group[0]`, `group[1:3]`.
 * Plain parts are joined first, then `&` parts narrow, then `!` parts take away, however they are ordered.
 * `at`: the YAML scalar that holds the pattern, or any span, for the places in problems.
 */
export function selectHosts(
  inventory: Inventory,
  pattern: string | readonly string[],
  at?: Span | ScalarNode,
): Selection {
  const parts = typeof pattern === 'string' ? splitPattern(pattern) : pattern.flatMap(splitPattern)
  const selector = new Selector(inventory, typeof pattern === 'string' ? pattern : '', at)
  return { hosts: selector.select(parts), problems: selector.problems, warnings: selector.warnings }
}

/** The patterns of `--limit`, where `@file` stands for the patterns in a file, one a line. Throws a Problem when it cannot be read. */
export function limitPatterns(limit: string, cwd = process.cwd()): string[] {
  return splitPattern(limit).flatMap((part) => {
    if (!part.startsWith('@')) return [part]
    try {
      const lines = readFileSync(resolve(cwd, part.slice(1)), 'utf8').split('\n')
      return lines
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .flatMap(splitPattern)
    } catch (error) {
      throw new Problem('file-missing', `the file of --limit ${part} cannot be read`, {
        cause: error,
        hint: 'Name a file with one host pattern a line.',
      })
    }
  })
}

/** The hosts that are also in the limit, in their own order. */
export function limitHosts(hosts: readonly Host[], limit: readonly Host[]): Host[] {
  const allowed = new Set(limit)
  return hosts.filter((host) => allowed.has(host))
}

class Selector {
  readonly problems: Problem[] = []
  readonly warnings: string[] = []
  readonly #inventory: Inventory
  readonly #text: string
  readonly #at: Span | ScalarNode | undefined

  constructor(inventory: Inventory, text: string, at: Span | ScalarNode | undefined) {
    this.#inventory = inventory
    this.#text = text
    this.#at = at
  }

  select(parts: readonly string[]): Host[] {
    const narrowing = parts.filter((part) => part.startsWith('&'))
    const excluding = parts.filter((part) => part.startsWith('!'))
    const plain = parts.filter((part) => !part.startsWith('&') && !part.startsWith('!'))
    let hosts = new Set<Host>()
    for (const part of plain.length > 0 ? plain : ['all']) for (const host of this.#match(part)) hosts.add(host)
    for (const part of narrowing) {
      const allowed = new Set(this.#match(part.slice(1)))
      hosts = new Set([...hosts].filter((host) => allowed.has(host)))
    }
    for (const part of excluding) for (const host of this.#match(part.slice(1))) hosts.delete(host)
    return [...hosts]
  }

  #match(part: string): readonly Host[] {
    const exact = this.#inventory.hosts.get(part)
    if (exact) return [exact]
    const { name, subscript } = splitSubscript(part)
    const hosts = this.#named(name)
    if (!subscript || hosts.length === 0) return hosts
    const [first, last] = subscript
    if (last !== undefined) return hosts.slice(first, last < 0 ? undefined : last + 1)
    const one = hosts.at(first)
    if (one) return [one]
    this.#problem(
      part,
      `"${name}" has ${hosts.length} host${hosts.length === 1 ? '' : 's'}, so there is no ${part}`,
      'Counting starts at 0.',
    )
    return []
  }

  #named(name: string): readonly Host[] {
    const { groups, hosts } = this.#inventory
    const group = groups.get(name)
    const regex = name.startsWith('~')
    const wild = regex || /[.?*[]/.test(name)
    if (group && !wild) return this.#inventory.members(group)
    if (!wild) {
      const local = this.#inventory.host(name)
      if (local) return [local]
      const meant = suggest(name, [...groups.keys(), ...hosts.keys()])
      this.#problem(
        name,
        `no host or group is called "${name}"`,
        meant ? `Did you mean "${meant}"?` : `The groups are ${list([...groups.keys()])}.`,
      )
      return []
    }
    return this.#wild(name, regex)
  }

  #wild(name: string, regex: boolean): readonly Host[] {
    let matcher: RegExp
    try {
      matcher = regex ? new RegExp(`^(?:${name.slice(1)})`) : globPattern(name)
    } catch (error) {
      this.#problem(
        name,
        `"${name}" cannot be read as a ${regex ? 'regular expression' : 'wildcard'}`,
        'Look at its brackets.',
        error,
      )
      return []
    }
    const found = new Set<Host>()
    for (const [name, group] of this.#inventory.groups) {
      if (matcher.test(name)) for (const host of this.#inventory.members(group)) found.add(host)
    }
    for (const [name, host] of this.#inventory.hosts) if (matcher.test(name)) found.add(host)
    if (found.size > 0 || this.#inventory.groups.has(name)) return [...found]
    const local = this.#inventory.host(name)
    if (local) return [local]
    if (regex || /[?*[]/.test(name)) {
      // `*` is `all`: an empty inventory is not a slip in the pattern.
      if (name !== '*') this.warnings.push(`the pattern "${name}" matches no host`)
      return []
    }
    const meant = suggest(name, [...this.#inventory.hosts.keys(), ...this.#inventory.groups.keys()])
    this.#problem(
      name,
      `no host or group is called "${name}"`,
      meant ? `Did you mean "${meant}"?` : `Add it to the inventory, or pass -i '${name},'.`,
    )
    return []
  }

  #problem(part: string, message: string, hint: string, cause?: unknown): void {
    this.problems.push(new Problem('unknown-group', message, { at: this.#spanOf(part), hint, cause }))
  }

  #spanOf(part: string): Span | undefined {
    const at = this.#at
    if (!at || 'source' in at) return at
    const index = this.#text.indexOf(part)
    if (index < 0 || !at.offsets || at.value !== this.#text) return at.span
    return { source: at.span.source, start: at.offsets(index), end: at.offsets(index + part.length - 1) + 1 }
  }
}

/** `group[0]`, `group[-1]`, `group[1:3]`, `group[2:]`: a name and the hosts of it that count. */
function splitSubscript(part: string): { name: string; subscript?: [first: number, last?: number] } {
  const found = part.startsWith('~') ? null : /^(.+)\[(?:(-?\d+)|(\d+):(\d*))\]$/.exec(part)
  if (!found) return { name: part }
  const [, name, one, first, last] = found
  if (one !== undefined) return { name: name!, subscript: [Number(one)] }
  return { name: name!, subscript: [Number(first), last === '' ? -1 : Number(last)] }
}

function list(names: readonly string[]): string {
  const few = names.slice(0, 8).join(', ')
  return names.length > 8 ? `${few}, and ${names.length - 8} more` : few
}
