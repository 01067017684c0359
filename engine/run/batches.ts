import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'

/** Splits hosts as `serial` says: a number, a percentage, or a list of them whose last repeats. */
export function batches<T>(hosts: readonly T[], serial: unknown, at?: Span): T[][] {
  const steps = serial === undefined || serial === null ? [] : Array.isArray(serial) ? serial : [serial]
  if (steps.length === 0 || hosts.length === 0) return hosts.length === 0 ? [] : [[...hosts]]
  const rest = [...hosts]
  const result: T[][] = []
  for (let index = 0; rest.length > 0; index++) {
    const size = batchSize(steps[Math.min(index, steps.length - 1)], hosts.length, at)
    result.push(rest.splice(0, size === 0 ? rest.length : size))
  }
  return result
}

function batchSize(step: unknown, count: number, at: Span | undefined): number {
  const percent = typeof step === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(step) : null
  if (percent) return Math.max(1, Math.floor((Number(percent[1]) / 100) * count))
  const number = Number(step)
  if (step !== '' && step !== null && typeof step !== 'boolean' && Number.isInteger(number) && number >= 0)
    return number
  throw new Problem('shape', `"serial" must be a number or a percentage, and is ${JSON.stringify(step)}.`, {
    at,
    hint: 'Write serial: 1, serial: "30%", or a list of them.',
  })
}
