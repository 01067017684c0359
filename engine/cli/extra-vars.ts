import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Problem, Problems } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import { ranks } from '../hosts/ranks.ts'
import type { MapNode, Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Layer, Variable } from '../lang/scope.ts'
import { parseYaml, type YamlFile } from '../lang/yaml.ts'
import { parseYamlFile, type Unseal } from '../lang/yaml-file.ts'

/** `-e`: key=value words, JSON or YAML in braces, or @file; later ones win. */
export function extraVars(words: readonly string[], cwd: string, unseal?: Unseal): Layer {
  const variables = new Map<string, Variable>()
  for (const word of words) for (const [name, variable] of readWord(word, cwd, unseal)) variables.set(name, variable)
  return { rank: ranks.extraVars, name: '-e', variables }
}

function readWord(word: string, cwd: string, unseal: Unseal | undefined): [string, Variable][] {
  if (word.startsWith('@')) return readFile(word.slice(1), cwd, unseal)
  if (/^\s*[{[]/.test(word)) return pairsOf(parsed(parseYaml(new Source('-e', word))))
  const pairs = [...word.matchAll(/([^\s=]+)=("(?:\\.|[^"])*"|'[^']*'|\S*)/g)]
  if (pairs.length === 0 || word.replace(/([^\s=]+)=("(?:\\.|[^"])*"|'[^']*'|\S*)/g, '').trim() !== '') {
    throw new Problem(
      'usage',
      `-e "${/^[^\s=]*/.exec(word)?.[0] ?? ''} …" is neither key=value, nor JSON, nor @file.`,
      {
        hint: `For values with spaces: -e 'name="two words"', or JSON.`,
      },
    )
  }
  return pairs.map((pair) => {
    const text = pair[2]!.replace(
      /^"([\s\S]*)"$|^'([\s\S]*)'$/,
      (_, double?: string, single?: string) => double ?? single ?? '',
    )
    const source = new Source('-e', text)
    // As in Ansible, key=value gives texts; they may hold templates.
    const node: Node = {
      kind: 'scalar',
      value: text,
      text,
      style: 'quoted',
      span: { source, start: 0, end: text.length },
      offsets: (index) => index,
    }
    return [pair[1]!, { node }]
  })
}

function readFile(name: string, cwd: string, unseal: Unseal | undefined): [string, Variable][] {
  const path = name.startsWith('~/') ? join(homedir(), name.slice(2)) : resolve(cwd, name)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Problem('usage', `-e @${name} cannot be read.`, {
      cause,
      hint: 'Give the path of a YAML or JSON file with a map of variables.',
    })
  }
  return pairsOf(parsed(parseYamlFile(name, text, unseal)))
}

function parsed(file: YamlFile): MapNode | undefined {
  if (file.problems.length > 0) throw new Problems(file.problems)
  if (!file.root) return undefined
  if (file.root.kind !== 'map') throw new Problem('shape', 'Extra variables must be a map.', { at: file.root.span })
  return file.root
}

function pairsOf(map: MapNode | undefined): [string, Variable][] {
  return (map?.pairs ?? []).map((pair) => [keyText(pair.key), { node: pair.value }])
}
