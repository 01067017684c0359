import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { define, isMap } from './function.ts'

type Outcome = Record<string, unknown>

function flag(result: Outcome, name: string): boolean {
  const value = result[name]
  if (isUnknown(value)) throw new TouchedUnknown(value)
  return value === true
}

export const kind = [
  define('isString(value: any)', {
    doc: 'Whether it is a text.',
    example: ["isString('a')", true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => typeof value === 'string',
  }),
  define('isNumber(value: any)', {
    doc: 'Whether it is a number.',
    example: ['isNumber(1)', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => typeof value === 'number',
  }),
  define('isInt(value: any)', {
    doc: 'Whether it is a whole number.',
    example: ['isInt(1.5)', false],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => Number.isInteger(value),
  }),
  define('isBool(value: any)', {
    doc: 'Whether it is true or false.',
    example: ['isBool(true)', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => typeof value === 'boolean',
  }),
  define('isList(value: any)', {
    doc: 'Whether it is a list.',
    example: ['isList([])', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => Array.isArray(value),
  }),
  define('isMap(value: any)', {
    doc: 'Whether it is a map.',
    example: ['isMap({})', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => isMap(value),
  }),
  define('isNull(value: any)', {
    doc: 'Whether it is null.',
    example: ['isNull(null)', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => value === null,
  }),
  define('failed(result: map)', {
    doc: 'Whether a registered task failed.',
    example: ["failed({'failed': true})", true],
    acceptsUnknown: 'inside',
    fn: (result: Outcome) => flag(result, 'failed'),
  }),
  define('succeeded(result: map)', {
    doc: 'Whether a registered task did not fail.',
    example: ["succeeded({'changed': true})", true],
    aliases: ['success'],
    acceptsUnknown: 'inside',
    fn: (result: Outcome) => !flag(result, 'failed') && !flag(result, 'unreachable'),
  }),
  define('changed(result: map)', {
    doc: 'Whether a registered task changed something.',
    example: ["changed({'changed': true})", true],
    acceptsUnknown: 'inside',
    fn: (result: Outcome) => flag(result, 'changed'),
  }),
  define('skipped(result: map)', {
    doc: 'Whether a registered task was skipped.',
    example: ["skipped({'skipped': true})", true],
    acceptsUnknown: 'inside',
    fn: (result: Outcome) => flag(result, 'skipped'),
  }),
]
