import { type ASTNode, parse } from '@marcbachmann/cel-js'

/**
 * An example's expression as a template: `f(x, [1])` is `{{f x (array 1)}}`; undefined when it has an operator or a macro,
 * that templates have not.
 */
export function asTemplate(expression: string): string | undefined {
  const word = wordOf(parse(expression).ast)
  return word?.startsWith('(') ? `{{${word.slice(1, -1)}}}` : undefined
}

const operators: Readonly<Record<string, string>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  in: 'in',
  '-': 'subtract',
  '*': 'multiply',
  '%': 'mod',
}

function wordOf(node: ASTNode): string | undefined {
  switch (node.op) {
    case 'value':
      return literal(node.args)
    case 'id':
      return node.args
    case '-_': {
      const inner = wordOf(node.args)
      return inner && /^\d/.test(inner) ? `-${inner}` : undefined
    }
    case '.': {
      const owner = wordOf(node.args[0])
      return owner && /^\w[\w.]*$/.test(owner) ? `${owner}.${node.args[1]}` : undefined
    }
    case '!_':
      return called('not', [node.args])
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'in':
    case '-':
    case '*':
    case '%':
      return called(operators[node.op]!, node.args)
    case 'list':
      return called('array', node.args)
    case 'map': {
      const words = named(node)
      return words === undefined ? undefined : `(${['dict', ...words].join(' ')})`
    }
    case 'call':
      return called(node.args[0], node.args[1])
    default:
      return undefined
  }
}

function called(name: string, args: readonly ASTNode[]): string | undefined {
  const words: string[] = [name]
  for (const arg of args) {
    const isWith = arg.op === 'call' && arg.args[0] === 'with' ? arg.args[1][0] : undefined
    const more = isWith?.op === 'map' ? named(isWith) : [wordOf(arg)]
    if (more === undefined) return undefined
    for (const word of more) {
      if (word === undefined) return undefined
      words.push(word)
    }
  }
  return `(${words.join(' ')})`
}

function named(node: ASTNode & { op: 'map' }): string[] | undefined {
  const words: string[] = []
  for (const [key, value] of node.args) {
    const word = wordOf(value)
    if (key.op !== 'value' || !/^[a-z_]\w*$/i.test(String(key.args)) || word === undefined) return undefined
    words.push(`${String(key.args)}=${word}`)
  }
  return words
}

function literal(value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (/[\n\\]/.test(value)) return value.includes('\n') || value.includes('"') ? undefined : `"${value}"`
    return value.includes('"') ? (value.includes("'") ? undefined : `'${value}'`) : `"${value}"`
  }
  return value === null || ['bigint', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
}
