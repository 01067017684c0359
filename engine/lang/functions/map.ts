import { define, isMap, WrongArgument } from './function.ts'

type PlainMap = Record<string, unknown>

function combine(deep: boolean, maps: readonly PlainMap[]): PlainMap {
  const result: PlainMap = {}
  for (const map of maps) {
    for (const [key, value] of Object.entries(map)) {
      const old = Object.hasOwn(result, key) ? result[key] : undefined
      const next = deep && isMap(old) && isMap(value) ? combine(true, [old, value]) : value
      Object.defineProperty(result, key, { value: next, enumerable: true, configurable: true, writable: true })
    }
  }
  return result
}

export const map = [
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
  define('items(map: map)', {
    doc: 'A list of maps with `key` and `value`.',
    example: ["items({'a': 1})", [{ key: 'a', value: 1 }]],
    aliases: ['dict2items'],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap) => Object.entries(value).map(([key, part]) => ({ key, value: part })),
  }),
  define('combine(...maps: any)', {
    doc: 'One map out of several, the later winning; a last argument `true` combines maps inside maps too.',
    example: ["combine({'a': 1, 'b': 1}, {'b': 2})", { a: 1, b: 2 }],
    aliases: ['merge'],
    acceptsUnknown: 'inside',
    fn: (...maps: unknown[]) => {
      const deep = maps.at(-1) === true
      const parts = typeof maps.at(-1) === 'boolean' ? maps.slice(0, -1) : maps
      const flat = parts.flatMap((part) => (Array.isArray(part) ? part : [part]))
      if (!flat.every(isMap))
        throw new WrongArgument('combine needs maps', undefined, 'combine(map, map, …) or combine(map, map, true).')
      return combine(deep, flat)
    },
  }),
  define('mergeDeep(...maps: map)', {
    doc: 'One map out of several, maps inside combined too.',
    example: ["mergeDeep({'a': {'x': 1}}, {'a': {'y': 2}})", { a: { x: 1, y: 2 } }],
    acceptsUnknown: 'inside',
    fn: (...maps: PlainMap[]) => combine(true, maps),
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
  define('lookup(value: list|map, key: any)', {
    doc: 'The value at a key or index that is computed; an error when there is none, unless inside default.',
    example: ["lookup({'a': 1}, 'a')", 1],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap | unknown[], key: unknown) =>
      Array.isArray(value)
        ? Number.isInteger(Number(key))
          ? value.at(Number(key))
          : undefined
        : Object.hasOwn(value, String(key))
          ? value[String(key)]
          : undefined,
  }),
  define('get(value: list|map, key: any, fallback?: any)', {
    doc: 'The value at a key or index, or the fallback (null unless given).',
    example: ["get({'a': 1}, 'b', 0)", 0],
    acceptsUnknown: 'inside',
    fn: (value: PlainMap | unknown[], key: unknown, fallback?: unknown) =>
      Object.hasOwn(value, String(key)) ? (value as PlainMap)[String(key)] : (fallback ?? null),
  }),
]
