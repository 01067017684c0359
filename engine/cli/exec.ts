import { Problem, Problems } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import { readItems } from '../book/read-playbook.ts'
import type { MapNode, Node, Pair, ScalarNode } from '../lang/node.ts'
import { parseYaml } from '../lang/yaml.ts'
import { withSession } from './run.ts'
import type { RunWords } from './run-words.ts'

/** `tsplay exec PATTERN -m MODULE -a ARGS`: one task in a play of its own. */
export function execTask(
  pattern: string,
  words: RunWords & { readonly module: string; readonly args: string },
): Promise<number> {
  const span = { source: new Source('exec', pattern), start: 0, end: pattern.length }
  const word = (text: string): ScalarNode => ({ kind: 'scalar', value: text, text, style: 'quoted', span })
  const pair = (name: string, value: Node): Pair => ({ key: word(name), value })
  const map = (...pairs: Pair[]): MapNode => ({ kind: 'map', pairs, span })
  const task = map(pair(words.module, argsNode(words.args)))
  const play = map(
    pair('name', word(`exec ${words.module}`)),
    pair('hosts', word(pattern)),
    pair('gather_facts', { ...word('no'), value: false }),
    pair('tasks', { kind: 'seq', items: [task], span }),
  )
  // What the module answers is what one asks for here.
  return withSession(
    [],
    { ...words, verbose: Math.max(1, words.verbose ?? 0) },
    {
      plays: (reading) => readItems(reading, [play], 'exec', process.cwd()),
    },
  )
}

/** The words after -a: JSON or YAML in braces, else the short form. */
function argsNode(args: string): Node {
  const source = new Source('-a', args)
  const span = { source, start: 0, end: args.length }
  if (!/^\s*\{[^{]/.test(args))
    return {
      kind: 'scalar',
      value: args === '' ? null : args,
      text: args,
      style: 'quoted',
      span,
      offsets: (index) => index,
    }
  const file = parseYaml(source)
  if (file.problems.length > 0) throw new Problems(file.problems)
  if (file.root?.kind !== 'map')
    throw new Problem('usage', 'The parameters after -a must be words, key=value, or a map in braces.', { at: span })
  return file.root
}
