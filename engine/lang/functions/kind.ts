import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { define, isMap, Moment } from './function.ts'
import { truthy } from './logic.ts'

type Outcome = Record<string, unknown>

function flag(result: Outcome, name: string): boolean {
  const value = result[name]
  if (isUnknown(value)) throw new TouchedUnknown(value)
  return value !== undefined && truthy(value)
}

/** A loop's result has changed when one of its items has. */
function changed(result: Outcome): boolean {
  if (Object.hasOwn(result, 'changed')) return flag(result, 'changed')
  const { results } = result
  return Array.isArray(results) && results.some((one) => isMap(one) && flag(one, 'changed'))
}

const pythonNames = (value: unknown): string => {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (value instanceof Moment) return 'datetime'
  if (ArrayBuffer.isView(value)) return 'bytes'
  return Array.isArray(value) ? 'list' : 'dict'
}

const celNames: Readonly<Record<string, string>> = {
  str: 'string',
  float: 'double',
  dict: 'map',
  NoneType: 'null_type',
}

const isText = (value: unknown) => typeof value === 'string'
const ask = (name: string, doc: string, test: string, example: [string, boolean], fn: (value: unknown) => boolean) =>
  define(`${name}(value: any)`, { doc, test, example, acceptsUnknown: 'inside', fn })
const judge = (name: string, doc: string, test: string, example: [string, boolean], fn: (result: Outcome) => boolean) =>
  define(`${name}(result: map)`, { doc, test, example, acceptsUnknown: 'inside', fn })

export const kind = [
  ask('is_string', 'Whether it is a text.', 'string', ["is_string('a')", true], isText),
  ask(
    'is_number',
    'Whether it is a number (true and false count as 1 and 0).',
    'number',
    ['is_number(1)', true],
    (value) => ['number', 'boolean'].includes(typeof value),
  ),
  ask('is_integer', 'Whether it is a whole number.', 'integer', ['is_integer(1.5)', false], Number.isInteger),
  ask(
    'is_float',
    'Whether it is a number with a fraction.',
    'float',
    ['is_float(1.5)', true],
    (value) => typeof value === 'number' && !Number.isInteger(value),
  ),
  ask(
    'is_boolean',
    'Whether it is true or false.',
    'boolean',
    ['is_boolean(true)', true],
    (value) => typeof value === 'boolean',
  ),
  ask('is_true', 'Whether it is true.', 'true', ['is_true(1)', false], (value) => value === true),
  ask('is_false', 'Whether it is false.', 'false', ['is_false(false)', true], (value) => value === false),
  ask('is_none', 'Whether it is null.', 'none', ['is_none(null)', true], (value) => value === null),
  ask('is_list', 'Whether it is a list.', 'list', ['is_list([])', true], Array.isArray),
  ask('is_mapping', 'Whether it is a map.', 'mapping', ['is_mapping({})', true], isMap),
  ask(
    'is_iterable',
    'Whether it has items, keys or characters: a list, a map or a text.',
    'iterable sequence',
    ["is_iterable('a')", true],
    (value) => isText(value) || Array.isArray(value) || isMap(value),
  ),
  ask(
    'is_lower',
    'Whether it is a text without upper case.',
    'lower',
    ["is_lower('abc')", true],
    (value) => isText(value) && value === value.toLowerCase() && value !== value.toUpperCase(),
  ),
  ask(
    'is_upper',
    'Whether it is a text without lower case.',
    'upper',
    ["is_upper('ABC')", true],
    (value) => isText(value) && value === value.toUpperCase() && value !== value.toLowerCase(),
  ),
  ask(
    'vault_encrypted',
    'Whether it is a sealed text as a vault writes it; a !vault variable is opened before it can be asked.',
    'vault_encrypted',
    ["vault_encrypted('plain')", false],
    (value) => typeof value === 'string' && value.startsWith('$ANSIBLE_VAULT;'),
  ),
  define('type_debug(value: any)', {
    doc: "The name of the value's type in Python.",
    example: ["type_debug('a')", 'str'],
    filter: 'type_debug',
    acceptsUnknown: 'inside',
    fn: pythonNames,
  }),
  define('type(value: any)', {
    doc: "The name of the value's type in CEL: string, int, double, bool, list, map, null_type.",
    example: ["type('a')", 'string'],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => celNames[pythonNames(value)] ?? pythonNames(value),
  }),
  judge('failed', 'Whether a registered task failed.', 'failed failure', ["failed({'failed': true})", true], (result) =>
    flag(result, 'failed'),
  ),
  judge(
    'succeeded',
    'Whether a registered task did not fail.',
    'succeeded success successful',
    ["succeeded({'changed': true})", true],
    (result) => !flag(result, 'failed'),
  ),
  judge(
    'changed',
    'Whether a registered task, or an item of its loop, changed something.',
    'changed change',
    ["changed({'changed': true})", true],
    changed,
  ),
  judge(
    'skipped',
    'Whether a registered task was skipped.',
    'skipped skip',
    ["skipped({'skipped': true})", true],
    (result) => flag(result, 'skipped'),
  ),
  judge(
    'unreachable',
    'Whether the host of a registered task could not be reached.',
    'unreachable',
    ["unreachable({'unreachable': true})", true],
    (result) => flag(result, 'unreachable'),
  ),
  judge(
    'reachable',
    'Whether it could be reached.',
    'reachable',
    ["reachable({'rc': 0})", true],
    (result) => !flag(result, 'unreachable'),
  ),
  judge(
    'started',
    'Whether a registered background task has started; true of any other task.',
    'started',
    ["started({'started': 1})", true],
    (result) => !Object.hasOwn(result, 'started') || flag(result, 'started'),
  ),
  judge(
    'finished',
    'Whether a registered background task has ended; true of any other task.',
    'finished',
    ["finished({'finished': 0})", false],
    (result) => !Object.hasOwn(result, 'finished') || flag(result, 'finished'),
  ),
]
