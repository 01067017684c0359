export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end'
  readonly text: string
  readonly start: number
  readonly end: number
}

const pattern =
  /\s+|([A-Za-z_]\w*)|(\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?)|("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|(\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>|()[\]{}.,:=])/giy

/** The words and signs of a Jinja2 expression; undefined when some character belongs to none. */
export function jinjaTokens(text: string): Token[] | undefined {
  const tokens: Token[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex
    const found = pattern.exec(text)
    if (!found) return undefined
    const [, name, number, string, sign] = found
    const kind = name ? 'name' : number ? 'number' : string ? 'text' : sign ? 'sign' : undefined
    if (kind) tokens.push({ kind, text: found[0], start, end: pattern.lastIndex })
  }
  return [...tokens, { kind: 'end', text: '', start: text.length, end: text.length }]
}
