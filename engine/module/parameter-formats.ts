import { patternMistake } from '../state/pattern-mistake.ts'

/** Formats of parameters are notes for people but for these. */
export const line = (text: string): boolean => !/[\r\n\0]/.test(text)
export const path = (text: string): boolean => !text.includes('\0')
export const regexp = (text: string): boolean => patternMistake(text) === undefined
