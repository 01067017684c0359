/** What a terminal shows in two cells: East Asian wide and full-width characters, and most emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
/** What takes no cell of its own: combining marks, joiners, variation selectors. */
const none = /\p{Mn}|\p{Me}|\p{Cf}/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it is about.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Cells one character (a code point) takes. */
export function characterWidth(character: string): 0 | 1 | 2 {
  if (character < '\u0300') return 1
  if (none.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** Cells a text takes, colours left out. */
export function textWidth(text: string): number {
  let width = 0
  for (const character of text.replace(escapes, '')) width += characterWidth(character)
  return width
}

/**
 * A text from a host or a file, fit for a terminal: its own escape sequences are taken out, so that it can neither
 * colour nor move what is around it; tabs and line ends stay; other control characters become visible.
 */
export function harmless(text: string): string {
  return text
    .replace(escapes, '')
    .replace(/\r\n/g, '\n')
    .replace(controls, (control) => (control === '\r' ? '\n' : '\ufffd'))
}

/** The text cut to a number of cells, with … where it was cut; colours survive and are closed. */
export function cutText(text: string, cells: number): string {
  if (textWidth(text) <= cells) return text
  let shown = ''
  let width = 0
  let at = 0
  let coloured = false
  const parts = [...text.matchAll(escapes)].map((found) => ({ start: found.index, text: found[0] }))
  while (at < text.length) {
    const sequence = parts.find((part) => part.start === at)
    if (sequence) {
      shown += sequence.text
      coloured = true
      at += sequence.text.length
      continue
    }
    const character = String.fromCodePoint(text.codePointAt(at)!)
    if (width + characterWidth(character) > cells - 1) break
    shown += character
    width += characterWidth(character)
    at += character.length
  }
  return `${shown}…${coloured ? '\u001b[0m' : ''}`
}

export function padText(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - textWidth(text)))
}
