import type { ScalarNode } from './node.ts'

const nulls = /^(?:~|null|Null|NULL|)$/
const truths = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const falsehoods = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/
const decimal = /^[-+]?(?:0|[1-9][0-9_]*)$/
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/
const binary = /^[-+]?0b[01_]+$/
const float = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/
const infinite = /^[-+]?\.(?:inf|Inf|INF)$/
const notNumber = /^\.(?:nan|NaN|NAN)$/
const zeroPadded = /^[-+]?0[0-9_]+$/

/**
 * What a plain scalar means, as PyYAML resolves it for Ansible, with three departures that lose nothing: digits with
 * leading zeros (0644), base-60 times (22:22) and integers too large for a double stay the text they are.
 */
export function resolvePlain(text: string): string | number | boolean | null {
  if (nulls.test(text)) return null
  if (truths.test(text)) return true
  if (falsehoods.test(text)) return false
  const first = text.charCodeAt(0)
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
  if (!numeric) return text
  const digits = text.replaceAll('_', '')
  if (decimal.test(text) || hexadecimal.test(text) || binary.test(text)) {
    const sign = digits.startsWith('-') ? -1 : 1
    const value = sign * Number(digits.replace(/^[-+]/, ''))
    return Number.isSafeInteger(value) ? value + 0 : text
  }
  if (float.test(text)) return Number(digits)
  if (infinite.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (notNumber.test(text)) return Number.NaN
  return text
}

/** `0644` written bare: YAML 1.1 reads it as octal 420, YAML 1.2 as 644; its value here is the text `0644`. */
export function octalTrap(node: ScalarNode): boolean {
  return node.style === 'plain' && zeroPadded.test(node.text)
}
