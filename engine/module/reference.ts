import type { Module } from './definition.ts'
import { type Property, schemaOf } from './parameters.ts'

/** A module's reference for the terminal, made of its definition. */
export function moduleText(name: string, module: Module): string {
  const lines = [`${name}: ${module.summary}`]
  if (module.description) lines.push('', module.description)
  lines.push('', 'PARAMETERS')
  for (const row of parameterRows(module)) {
    lines.push(
      `  ${row.name}${row.required ? ' (required)' : ''}: ${row.type}${row.default === undefined ? '' : `, default ${row.default}`}`,
    )
    if (row.aliases.length > 0) lines.push(`      also called: ${row.aliases.join(', ')}`)
    if (row.description) lines.push(`      ${row.description}`)
  }
  if (module.returns) {
    lines.push('', 'RESULT')
    for (const [key, text] of Object.entries(module.returns)) lines.push(`  ${key}: ${text}`)
  }
  lines.push('', 'EXAMPLES')
  for (const example of module.examples)
    lines.push(
      `  # ${example.title}`,
      ...example.yaml
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      '',
    )
  return `${lines.join('\n').trimEnd()}\n`
}

/** The same as Markdown, for docs/modules. */
export function moduleMarkdown(name: string, module: Module): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const rows = parameterRows(module).map(
    (row) =>
      `| \`${row.name}\`${row.required ? ' **required**' : ''} | ${cell(row.type)} | ${row.default === undefined ? '' : `\`${cell(row.default)}\``} | ${cell([row.description, row.aliases.length > 0 ? `Also called ${row.aliases.map((alias) => `\`${alias}\``).join(', ')}.` : ''].filter(Boolean).join(' '))} |`,
  )
  const parts = [
    `# ${name}`,
    '',
    module.summary,
    ...(module.description ? ['', module.description] : []),
    '',
    '## Parameters',
    '',
    '| name | type | default | meaning |',
    '|---|---|---|---|',
    ...rows,
  ]
  if (module.returns)
    parts.push('', '## Result', '', ...Object.entries(module.returns).map(([key, text]) => `- \`${key}\`: ${text}`))
  parts.push('', '## Examples', '')
  for (const example of module.examples)
    parts.push(`${example.title}:`, '', '```yaml', example.yaml.trimEnd(), '```', '')
  return `${parts.join('\n').trimEnd()}\n`
}

interface Row {
  readonly name: string
  readonly required: boolean
  readonly type: string
  readonly default: string | undefined
  readonly aliases: readonly string[]
  readonly description: string
}

function parameterRows(module: Module): Row[] {
  const schema = schemaOf(module)
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    type: typeText(property),
    default: property.default === undefined ? undefined : JSON.stringify(property.default),
    aliases: property.aliases ?? [],
    description: property.description ?? '',
  }))
}

function typeText(property: Property): string {
  if (property.enum) return property.enum.map((value) => JSON.stringify(value)).join(' or ')
  const branches = property.anyOf ?? property.oneOf
  if (branches) return [...new Set(branches.map(typeText))].join(' or ')
  if (property.format === 'mode') return 'file mode'
  if (property.format === 'path') return 'path on the host'
  if (property.expression) return 'condition'
  const types = ([] as string[]).concat((property.type as string) ?? 'any value')
  const words: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
    array: `list of ${property.items ? typeText(property.items) : 'values'}`,
    object: 'map',
  }
  return types.map((type) => words[type] ?? type).join(' or ')
}
