/** A value as Python prints it: what `ansible-inventory --graph --vars` shows. */
export function pythonValue(value: unknown): string {
  return typeof value === 'string' ? value : inside(value)
}

function inside(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(inside).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, part]) => `${quoted(key)}: ${inside(part)}`)
      .join(', ')}}`
  return String(value)
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replace(/[\n\r\t\\]/g, (found) => escapes[found]!)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what Python writes as numbers.
    .replace(/[\x00-\x1f\x7f-\xa0]/g, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `${quote}${escaped.replaceAll(quote, `\\${quote}`)}${quote}`
}
