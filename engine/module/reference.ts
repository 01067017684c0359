import { isLocal, type Module } from './definition.ts'
import { type Property, schemaOf } from './parameters.ts'

/** A module's reference for the terminal, made of its definition. */
export function moduleText(name: string, module: Module): string {
  const lines = [`${name}: ${module.summary}`]
  for (const note of notes(module)) lines.push('', note)
  const rows = parameterRows(module)
  lines.push('', rows.length > 0 ? 'PARAMETERS' : 'PARAMETERS: none')
  for (const row of rows) {
    const value = row.default === undefined ? '' : `, default ${row.default}`
    lines.push(`  ${row.name}${row.required ? ' (required)' : ''}: ${row.type}${value}`)
    if (row.aliases.length > 0) lines.push(`      also called: ${row.aliases.join(', ')}`)
    if (row.meaning) lines.push(`      ${row.meaning}`)
  }
  const returns = Object.entries(module.returns ?? {})
  if (returns.length > 0) lines.push('', 'RESULT', ...returns.map(([key, text]) => `  ${key}: ${text}`))
  lines.push('', 'EXAMPLES')
  for (const { title, yaml } of module.examples) lines.push(`  # ${title}`, ...indented(yaml), '')
  return `${lines.join('\n').trimEnd()}\n`
}

function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
}

/** The same as Markdown, for docs/modules. */
export function moduleMarkdown(name: string, module: Module): string {
  const parts = [`# ${name}`, '', module.summary]
  for (const note of notes(module)) parts.push('', note)
  const rows = parameterRows(module)
  if (rows.length > 0) {
    parts.push('', '## Parameters', '', '| name | type | default | meaning |', '|---|---|---|---|')
    for (const row of rows) {
      const also = row.aliases.length > 0 ? `Also called ${row.aliases.map((alias) => `\`${alias}\``).join(', ')}.` : ''
      const value = row.default === undefined ? '' : `\`${row.default}\``
      const first = `\`${row.name}\`${row.required ? ' **required**' : ''}`
      parts.push(tableRow(first, row.type, value, [row.meaning, also].filter(Boolean).join(' ')))
    }
  }
  const returns = Object.entries(module.returns ?? {})
  if (returns.length > 0) parts.push('', '## Result', '', ...returns.map(([key, text]) => `- \`${key}\`: ${text}`))
  parts.push('', '## Examples')
  for (const { title, yaml } of module.examples) parts.push('', `${title}:`, '', '```yaml', yaml.trimEnd(), '```')
  return `${parts.join('\n')}\n`
}

/** A row of a Markdown table, whatever the cells hold. */
export function tableRow(...cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

/** What is to be known beside the parameters. */
function notes(module: Module): string[] {
  const texts: string[] = []
  if (module.description) texts.push(module.description)
  if (module.aliases && module.aliases.length > 0) texts.push(`Also called ${module.aliases.join(', ')}.`)
  if (module.freeForm) texts.push(`Words after the module's name are its parameter ${module.freeForm}.`)
  if (isLocal(module)) texts.push('It acts on the controller; nothing is asked of the host.')
  return texts
}

interface Row {
  readonly name: string
  readonly required: boolean
  readonly type: string
  readonly default: string | undefined
  readonly aliases: readonly string[]
  readonly meaning: string
}

function parameterRows(module: Module): Row[] {
  const schema = schemaOf(module)
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    type: typeText(property),
    default: property.default === undefined ? undefined : JSON.stringify(property.default),
    aliases: property.aliases ?? [],
    meaning: [property.description, property.secret ? 'Never shown.' : ''].filter(Boolean).join(' '),
  }))
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'map',
}

function typeText(property: Property): string {
  if (property.enum) return property.enum.map((value) => JSON.stringify(value)).join(' or ')
  const branches = property.anyOf ?? property.oneOf
  if (branches) return [...new Set(branches.map(typeText))].join(' or ')
  if (property.format === 'mode') return 'file mode'
  if (property.format === 'path') return 'path on the host'
  if (property.expression) return 'condition'
  const types = property.type === undefined ? ['any value'] : [property.type].flat()
  return types.map((type) => (type === 'array' ? listText(property.items) : (typeWords[type] ?? type))).join(' or ')
}

function listText(items: Property | undefined): string {
  return items ? `list of ${typeText(items)}` : 'list'
}
