import { readJinja } from './jinja-reader.ts'

export interface JinjaHint {
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint: string
}

/** What in a text that CEL could not read is Jinja2, and the text in CEL. */
export function jinjaHint(text: string): JinjaHint | undefined {
  const braces = /\{\{\s*(.*?)\s*\}\}/s.exec(text)
  if (braces) {
    const bare = text.replace(/\{\{\s*(.*?)\s*\}\}/gs, '$1').trim()
    const instead = readJinja(bare)
    const cel = instead?.foreign ? instead.whole.cel : bare
    return found(text, braces.index, braces.index + braces[0].length, `without braces: ${cel}`)
  }
  const read = readJinja(text)
  return read?.foreign && found(text, read.foreign.start, read.foreign.end, read.whole.cel)
}

function found(text: string, start: number, end: number, instead: string): JinjaHint {
  return {
    start,
    end,
    message: `"${text.slice(start, end)}" is Jinja2; expressions here are CEL`,
    hint: `write ${instead}`,
  }
}
