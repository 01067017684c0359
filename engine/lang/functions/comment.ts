import { define, WrongArgument } from './function.ts'
import { asText } from './text.ts'

interface Style {
  readonly decoration: string
  readonly beginning?: string
  readonly end?: string
}

const styles: Readonly<Record<string, Style>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
}

interface Parts {
  readonly decoration: string
  readonly beginning: string
  readonly end: string
  readonly prefix: string
  readonly prefixCount: number
  readonly postfix: string
  readonly postfixCount: number
  readonly newline: string
}

function comment(text: string, parts: Parts): string {
  const { decoration, newline } = parts
  const prefix = parts.prefix === newline ? newline : parts.prefix + newline
  const lines = (decoration + text.replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    decoration.trimEnd() + newline,
  )
  return [
    parts.beginning === '' ? '' : parts.beginning + newline,
    parts.prefix === '' ? '' : prefix.repeat(parts.prefixCount),
    lines,
    (newline + parts.postfix).repeat(parts.postfixCount),
    parts.end === '' ? '' : newline + parts.end,
  ].join('')
}

export const comments = [
  define(
    'comment(value: text, style?: text, decoration?: text, beginning?: text, end?: text, prefix?: text, prefix_count?: number, postfix?: text, postfix_count?: number, newline?: text)',
    {
      doc: 'As a comment; styles are plain (#), erlang (%), c (//), cblock and xml.',
      example: ["comment('made by hand')", '#\n# made by hand\n#'],
      filter: 'comment',
      fn: (value: string, style = 'plain', ...given: (string | number | undefined)[]) => {
        const base = Object.hasOwn(styles, style) ? styles[style] : undefined
        if (!base)
          throw new WrongArgument(
            `comment knows no style "${style}"`,
            undefined,
            `Known are ${Object.keys(styles).join(', ')}; decoration gives one of your own.`,
          )
        const [decoration, beginning, end, prefix, prefixCount, postfix, postfixCount, newline] = given
        const mark = asText(decoration ?? base.decoration)
        return comment(value, {
          decoration: mark,
          beginning: asText(beginning ?? base.beginning),
          end: asText(end ?? base.end),
          prefix: asText(prefix ?? mark.trimEnd()),
          prefixCount: Number(prefixCount ?? 1),
          postfix: asText(postfix ?? mark.trimEnd()),
          postfixCount: Number(postfixCount ?? 1),
          newline: asText(newline ?? '\n'),
        })
      },
    },
  ),
]
