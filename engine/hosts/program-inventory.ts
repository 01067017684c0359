import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { Problem } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import type { Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import { parseYaml } from '../lang/yaml.ts'
import type { Group, Origin } from './group.ts'
import type { Tree } from './tree.ts'
import { setAll } from './yaml-inventory.ts'

const longestMs = 60_000
const most = 256 * 1024 * 1024

/** Runs a program that prints an inventory as JSON (`--list`, and `--host NAME` where it has no `_meta`), and reads it. */
export function readProgramInventory(tree: Tree, path: string, shown: string, origin: Origin): void {
  const fail = (message: string, hint: string, at?: Span, cause?: unknown) => {
    tree.problems.push(new Problem('inventory', message, { hint, at, cause }))
  }
  const ask = (args: readonly string[]): Node | undefined => {
    const words = [shown, ...args].join(' ')
    const ran = spawnSync(path, args, {
      cwd: dirname(path),
      encoding: 'utf8',
      timeout: longestMs,
      maxBuffer: most,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    if (ran.error || ran.status !== 0) {
      const why = ran.error ?? new Error(ran.stderr.trim() || `exit status ${ran.status ?? ran.signal}`)
      fail(
        `the inventory program ${words} failed`,
        'Run it by hand; it must print JSON and end with status 0.',
        undefined,
        why,
      )
      return undefined
    }
    const source = new Source(`${words} (its output)`, ran.stdout)
    const { root, problems } = parseYaml(source)
    if (root?.kind === 'map' && problems.length === 0) return root
    fail(
      `${words} did not print a JSON object`,
      'It must print {"group": {"hosts": [...]}, "_meta": {"hostvars": {...}}}.',
      problems[0]?.spans[0] ?? root?.span,
    )
    return undefined
  }
  const root = ask(['--list'])
  if (root?.kind !== 'map') return
  let hostvars: Node | undefined
  const named = new Set<string>()
  for (const { key, value } of root.pairs) {
    const name = keyText(key)
    if (name === '_meta') {
      hostvars = value.kind === 'map' ? value.pairs.find((pair) => keyText(pair.key) === 'hostvars')?.value : undefined
      continue
    }
    const group = tree.group(name, key.span)
    const parts = value.kind === 'map' ? value.pairs : [{ key: { ...key, value: 'hosts', text: 'hosts' }, value }]
    for (const part of parts) {
      const kind = keyText(part.key)
      if (kind === 'vars' && part.value.kind === 'map') setAll(group.vars, part.value)
      else if ((kind === 'hosts' || kind === 'children') && part.value.kind === 'seq') {
        for (const item of part.value.items) {
          if (item.kind !== 'scalar')
            fail(`${kind} of the group "${name}" must be names`, 'Print a list of texts.', item.span)
          else if (kind === 'hosts') named.add(tree.host(String(item.value), group, origin, item.span).name)
          else addChild(tree, group, String(item.value), item.span)
        }
      } else if (kind === 'hosts' || kind === 'children')
        fail(`"${kind}" of the group "${name}" must be a list`, 'Print a list of names.', part.value.span)
      else
        fail(
          `the group "${name}" has hosts, children and vars, not this "${kind}"`,
          'Print hosts and children as lists, vars as an object.',
          part.key.span,
        )
    }
  }
  const known = new Map(hostvars?.kind === 'map' ? hostvars.pairs.map(({ key, value }) => [keyText(key), value]) : [])
  for (const name of named) {
    const vars = hostvars ? known.get(name) : ask(['--host', name])
    if (vars?.kind === 'map') setAll(tree.hosts.get(name)!.vars, vars)
  }
}

function addChild(tree: Tree, parent: Group, name: string, span: Span): void {
  tree.child(parent, tree.group(name, span), span)
}
