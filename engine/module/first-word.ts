import { splitWords, takeOptions } from '../state/words.ts'

/** The program of a free form, its options (`creates=…`) left out: as it is written, and what it means. */
export function firstWord(text: string): { readonly raw: string; readonly value: string } | undefined {
  return splitWords(takeOptions(text).rest)[0]
}
