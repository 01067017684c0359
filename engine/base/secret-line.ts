/** Names under which people keep secrets; `update_password` and the like only speak of one. */
const name =
  '(?!update_|ask_)[\\w.-]*(?:passw(?:or)?d|passphrase|_pass|secret|token|api_?key|private_?key|credentials?)'
const pair = new RegExp(`((?:^|[\\s{,([])["']?${name}["']?\\s*[:=]\\s*)(\\S.*)$`, 'id')
/** A value that only says where the secret is, or that is none. */
const harmless = /^(?:!vault\b|!expr\b|[|>][-+\d]*\s*(?:#.*)?$|(?:true|false|yes|no|null|~)\s*(?:[,}#]|$))/i

/** A line of a file with the values of passwords, tokens and keys covered, every other character in its place. */
export function coverSecrets(line: string, above: () => Iterable<string> = () => []): string {
  if (isInSecretBlock(line, above)) return line.replace(/\S(?:.*\S)?/, (text) => '*'.repeat(text.length))
  const found = pair.exec(line)
  if (!found?.indices) return line
  const [start] = found.indices[2]!
  const value = found[2]!
  if (harmless.test(value)) return line
  const end = start + valueLength(value)
  // Templates are no secrets, and mostly what is wrong; what stands around them may be one.
  const covered = line
    .slice(start, end)
    .split(/(\{\{.*?\}\})/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[^\s"']/g, '*')))
    .join('')
  return line.slice(0, start) + covered + coverSecrets(line.slice(end))
}

/** Whether a line holds the value of something that must not be shown. */
export function holdsSecret(line: string): boolean {
  return coverSecrets(line) !== line
}

/** Up to the closing quote, or the comma or brace that ends a value within braces. */
function valueLength(value: string): number {
  const quoted = /^"(?:\\.|[^"\\])*"|^'(?:''|[^'])*'/.exec(value)
  if (quoted) return quoted[0].length
  const plain = /^(?:\{\{.*?\}\}|[^,}])*/.exec(value)!
  return plain[0].length
}

/** In the lines of `private_key: |`. `above` gives the lines before, the nearest first. */
function isInSecretBlock(line: string, above: () => Iterable<string>): boolean {
  const depth = indentation(line)
  if (line.trim() === '') return false
  for (const before of above()) {
    if (before.trim() === '' || indentation(before) >= depth) continue
    return new RegExp(`${name}["']?\\s*:\\s*[|>][-+\\d]*\\s*(?:#.*)?$`, 'i').test(before)
  }
  return false
}

const indentation = (line: string) => line.length - line.trimStart().length
