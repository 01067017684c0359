import { equal } from './equal.ts'
import { define, describe, isMap, WrongArgument } from './function.ts'
import { neededPart } from './part.ts'

type PlainMap = Record<string, unknown>

const listMerges = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'] as const
type ListMerge = (typeof listMerges)[number]

const set = (map: PlainMap, key: string, value: unknown) =>
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })

/** Two maps in one, `over` winning; Ansible's way with maps and lists inside. */
function merged(under: PlainMap, over: PlainMap, recursive: boolean, lists: ListMerge): PlainMap {
  if (Object.keys(over).length === 0) return under
  if (Object.keys(under).length === 0 || equal(under, over)) return over
  const made: PlainMap = {}
  for (const [key, value] of Object.entries(under)) set(made, key, value)
  for (const [key, value] of Object.entries(over)) {
    const old = Object.hasOwn(made, key) ? made[key] : undefined
    if (recursive && isMap(old) && isMap(value)) set(made, key, merged(old, value, true, lists))
    else if (Array.isArray(old) && Array.isArray(value)) set(made, key, mergedLists(old, value, lists))
    else set(made, key, value)
  }
  return made
}

function mergedLists(under: unknown[], over: unknown[], how: ListMerge): unknown[] {
  const without = (list: unknown[], others: unknown[]) => list.filter((item) => !others.some((one) => equal(one, item)))
  switch (how) {
    case 'replace':
      return over
    case 'keep':
      return under
    case 'append':
      return [...under, ...over]
    case 'prepend':
      return [...over, ...under]
    case 'append_rp':
      return [...without(under, over), ...over]
    case 'prepend_rp':
      return [...over, ...without(under, over)]
  }
}

function combine(given: readonly unknown[], recursive?: boolean, listMerge?: string): PlainMap {
  const trailing = given.findIndex((part) => typeof part === 'boolean' || typeof part === 'string')
  const maps = (trailing < 0 ? given : given.slice(0, trailing)).flat()
  const [deep = recursive ?? false, lists = listMerge ?? 'replace', ...more] = trailing < 0 ? [] : given.slice(trailing)
  const wrong = [...maps, ...more].find((part) => !isMap(part))
  if (wrong !== undefined || more.length > 0 || typeof deep !== 'boolean')
    throw new WrongArgument(
      `combine needs maps, and this is ${describe(wrong ?? more[0] ?? deep)}`,
      undefined,
      'combine(map, map, …); true behind them combines maps inside maps too, then "append" appends lists.',
    )
  if (!listMerges.includes(lists as ListMerge))
    throw new WrongArgument(
      `combine knows no list_merge "${String(lists)}"`,
      undefined,
      `Known are ${listMerges.join(', ')}.`,
    )
  return (maps as PlainMap[]).reduceRight((over, under) => merged(under, over, deep, lists as ListMerge), {})
}

export const map = [
  define('dict(**entries: any)', {
    doc: 'A map of the arguments given by name: for templates; in expressions it is {"a": 1}.',
    example: ["dict(with({'a': 1}))", { a: 1 }],
    acceptsUnknown: 'inside',
    fn: (entries: PlainMap) => entries,
  }),
  define('keys(map: map)', {
    doc: 'Its keys.',
    example: ["keys({'a': 1})", ['a']],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap) => Object.keys(value),
  }),
  define('values(map: map)', {
    doc: 'Its values.',
    example: ["values({'a': 1})", [1]],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap) => Object.values(value),
  }),
  define('dict2items(map: map, key_name?: text, value_name?: text)', {
    doc: 'A list of maps with `key` and `value` (or other names).',
    example: ["dict2items({'a': 1})", [{ key: 'a', value: 1 }]],
    aliases: ['items'],
    filter: 'dict2items',
    acceptsUnknown: 'inside',
    fn: (value: PlainMap, keyName = 'key', valueName = 'value') =>
      Object.entries(value).map(([key, part]) => ({ [keyName]: key, [valueName]: part })),
  }),
  define('items2dict(list: list, key_name?: text, value_name?: text)', {
    doc: 'A map out of a list of maps with `key` and `value` (or other names).',
    example: ["items2dict([{'key': 'a', 'value': 1}])", { a: 1 }],
    aliases: ['toMap', 'fromItems'],
    filter: 'items2dict',
    acceptsUnknown: 'inside',
    fn: (value: unknown[], keyName = 'key', valueName = 'value') =>
      value.reduce<PlainMap>((made, item) => {
        const key = neededPart(item, keyName, 'items2dict')
        return set(made, String(key), neededPart(item, valueName, 'items2dict'))
      }, {}),
  }),
  define('combine(...maps: any, recursive?: bool, list_merge?: text)', {
    doc: 'One map out of several, the later winning; recursive (or a last argument `true`) combines maps inside maps too; list_merge says what becomes of lists: replace, keep, append, prepend, append_rp, prepend_rp.',
    example: ["combine({'a': 1, 'b': 1}, {'b': 2})", { a: 1, b: 2 }],
    aliases: ['merge'],
    filter: 'combine',
    acceptsUnknown: 'inside',
    fn: combine,
  }),
  define('mergeDeep(...maps: map)', {
    doc: 'One map out of several, maps inside combined too.',
    example: ["mergeDeep({'a': {'x': 1}}, {'a': {'y': 2}})", { a: { x: 1, y: 2 } }],
    acceptsUnknown: 'inside',
    fn: (maps: PlainMap[]) => combine(maps, true),
  }),
  define('rekey_on_member(value: list|map, key: text, duplicates?: text)', {
    doc: 'A map of the items by their value at a key; the same value twice is an error, or, with "overwrite", the last one wins.',
    example: ["rekey_on_member([{'id': 'x'}], 'id')", { x: { id: 'x' } }],
    filter: 'rekey_on_member',
    acceptsUnknown: 'inside',
    fn: (value: object, key: string, duplicates = 'error') =>
      Object.values(value).reduce<PlainMap>((made, item) => {
        const name = String(neededPart(item, key, 'rekey_on_member'))
        if (duplicates === 'error' && Object.hasOwn(made, name))
          throw new WrongArgument(
            `rekey_on_member: two items have the ${key} "${name}"`,
            undefined,
            'Write "overwrite" for the last to win.',
          )
        return set(made, name, item)
      }, {}),
  }),
  define('pick(map: map, keys: list)', {
    doc: 'Only these keys of it.',
    example: ["pick({'a': 1, 'b': 2}, ['a'])", { a: 1 }],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap, keys: unknown[]) =>
      Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key))),
  }),
  define('dropKeys(map: map, keys: list)', {
    doc: 'All but these keys of it.',
    example: ["dropKeys({'a': 1, 'b': 2}, ['a'])", { b: 2 }],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap, keys: unknown[]) =>
      Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))),
  }),
  define('get(value: list|map, key: any, fallback?: any)', {
    doc: 'The value at a key or index, or the fallback (null unless given).',
    example: ["get({'a': 1}, 'b', 0)", 0],
    filter: 'attr',
    acceptsUnknown: 'inside',
    fn: (value: PlainMap | unknown[], key: unknown, fallback?: unknown) =>
      Object.hasOwn(value, String(key)) ? (value as PlainMap)[String(key)] : (fallback ?? null),
  }),
]
