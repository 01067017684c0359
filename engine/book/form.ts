import type { Node } from '../lang/node.ts'
import type { Form } from './keywords.ts'

export function isComputed(node: Node): boolean {
  return (
    node.kind === 'expr' ||
    node.kind === 'vault' ||
    (node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('{{'))
  )
}

const isWords = (node: Node) => node.kind === 'scalar' || node.kind === 'expr'

/** Whether a keyword's value looks as it must; what is computed does. */
export function hasForm(node: Node, form: Form): boolean {
  if (isComputed(node)) return form !== 'entries'
  const scalar = node.kind === 'scalar' ? node.value : undefined
  switch (form) {
    case 'any':
      return true
    case 'text':
      return node.kind === 'scalar'
    case 'boolean':
      return (
        typeof scalar === 'boolean' ||
        (typeof scalar === 'string' && /^(true|false|yes|no|on|off)$/i.test(scalar)) ||
        scalar === 1 ||
        scalar === 0
      )
    case 'number':
      return (
        typeof scalar === 'number' ||
        (typeof scalar === 'string' && scalar.trim() !== '' && Number.isFinite(Number(scalar)))
      )
    case 'condition':
    case 'names':
      return node.kind === 'scalar' || (node.kind === 'seq' && node.items.every(isWords))
    case 'map':
      return node.kind === 'map'
    case 'maps':
      return (
        node.kind === 'map' ||
        (node.kind === 'seq' && node.items.every((item) => item.kind === 'map' || isComputed(item)))
      )
    case 'entries':
      return node.kind === 'seq' || (node.kind === 'scalar' && node.value === null)
    case 'percent':
      return (node.kind === 'seq' ? node.items : [node]).every(
        (item) => isComputed(item) || (item.kind === 'scalar' && /^\s*\d+(\.\d+)?\s*%?\s*$/.test(item.text)),
      )
  }
}

interface Wording {
  /** Behind "must be". */
  readonly what: string
  readonly hint: string
}

const lines: Wording = { what: 'a map', hint: 'Write "name: value" lines below it, without dashes.' }

const wordings: Readonly<Record<Form, Wording>> = {
  any: { what: 'a value', hint: 'Write a value.' },
  text: { what: 'a text', hint: 'Write one text; quote it where it holds ": " or begins with a bracket.' },
  boolean: { what: 'true or false', hint: 'Write true or false.' },
  number: { what: 'a number', hint: 'Write digits, such as 3.' },
  condition: { what: 'a condition or a list of conditions', hint: 'Write it as one text, such as: x == 1.' },
  names: { what: 'a name or a list of names', hint: 'Write a name, or one in each line behind a dash.' },
  map: lines,
  maps: { ...lines, what: 'a map or a list of maps' },
  entries: { what: 'a list of tasks', hint: 'Begin each task with "- ".' },
  percent: { what: 'a number, a percentage, or a list of them', hint: 'Write serial: 1, serial: "30%", or a list.' },
}

export function formText(form: Form): string {
  return wordings[form].what
}

export function formHint(node: Node, form: Form): string {
  if (form === 'entries' && node.kind === 'map' && node.pairs.every(({ key }) => key.text.startsWith('-')))
    return `Put a space behind the dash: "- ${node.pairs[0]?.key.text.slice(1) ?? ''}:".`
  return wordings[form].hint
}
