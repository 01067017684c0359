/** How a text may stand in YAML 1.1 as PyYAML judges it. */
export interface ScalarForm {
  readonly multiline: boolean
  readonly plainInBlock: boolean
  readonly plainInFlow: boolean
  readonly singleQuoted: boolean
}

const whitespace = '\0 \t\r\n\x85\u2028\u2029'
const breaks = '\n\x85\u2028\u2029'

export function formOf(text: string): ScalarForm {
  if (text === '') return { multiline: false, plainInBlock: true, plainInFlow: false, singleQuoted: true }
  const characters = [...text]
  const at = (index: number) => characters[index] ?? ' '
  let [inBlock, inFlow, multiline, special, breakSpace, spaceBreak] = [true, true, false, false, false, false]
  if (/^(---|\.\.\.)/.test(text)) inBlock = inFlow = false
  for (const [index, one] of characters.entries()) {
    const followed = whitespace.includes(at(index + 1))
    const preceded = index === 0 || whitespace.includes(at(index - 1))
    const marks = index === 0 ? '#,[]{}&*!|>\'"%@`' : ''
    if (marks.includes(one) || (index === 0 && one === '-' && followed) || (index > 0 && one === '#' && preceded)) {
      inBlock = inFlow = false
    }
    if ((index === 0 ? '?:' : ',?[]{}:').includes(one)) inFlow = false
    if (followed && (one === ':' || (index === 0 && one === '?'))) inBlock = false
    if (breaks.includes(one)) multiline = true
    if (!isPrintable(one)) special = true
    if (one === ' ' && index > 0 && breaks.includes(at(index - 1))) breakSpace = true
    if (breaks.includes(one) && index > 0 && at(index - 1) === ' ') spaceBreak = true
  }
  const edge = ` ${breaks}`
  if (edge.includes(at(0)) || edge.includes(at(characters.length - 1))) inBlock = inFlow = false
  const folds = breakSpace || spaceBreak || special
  return {
    multiline,
    plainInBlock: inBlock && !folds && !multiline,
    plainInFlow: inFlow && !folds && !multiline,
    singleQuoted: !folds,
  }
}

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0)!
  if (code === 0x0a || code === 0x85 || (code >= 0x20 && code <= 0x7e)) return true
  return code >= 0xa0 && code <= 0xfffd && code !== 0xfeff && !(code >= 0xd800 && code <= 0xdfff)
}

const resolvers = [
  /^(?:yes|no|true|false|on|off)$/,
  /^(?:Yes|No|True|False|On|Off)$/,
  /^(?:YES|NO|TRUE|FALSE|ON|OFF)$/,
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?)$/,
  /^(?:[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/,
  /^(?:<<|~|null|Null|NULL||=|!|&|\*)$/,
  /^\d{4}-\d\d-\d\d$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/,
]

/** Whether a bare text would be read as something else: true, a number, null, a date. */
export function readsAsOther(text: string): boolean {
  return resolvers.some((pattern) => pattern.test(text))
}
