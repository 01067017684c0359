import { Environment } from '@marcbachmann/cel-js'
import { expect } from 'chai'
import { Unknown } from '../../engine/base/unknown.ts'
import { compileExpression } from '../../engine/lang/expression.ts'
import { processorTime } from '../processor-time.ts'
import { outcome, textPlace, variables } from './shown.ts'

const values = {
  a: 5,
  half: 0.5,
  name: 'bob',
  yes: true,
  no: false,
  nil: null,
  xs: [
    { n: 'p', v: 1 },
    { n: 'q', v: 2 },
  ],
  words: ['p', 'q'],
  m: { k: { z: 1 } },
}
const scope = variables({
  ...values,
  later: new Unknown('the output of "x"'),
  result: { changed: new Unknown('whether it changes'), rc: 0 },
})
const evaluate = (text: string) => outcome(() => compileExpression(text, textPlace(text)).evaluate(scope))

describe('expressions', () => {
  const cases: [string, unknown][] = [
    ['a == 5', true],
    ['a + 1', 6],
    ['a + half', 5.5],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7.0 / 2', 3.5],
    ['double(a) / 2', 2.5],
    ['a % 3', 2],
    ['"a" + "b"', 'ab'],
    ['[1] + words', [1, 'p', 'q']],
    ['a > 4 && name == "bob"', true],
    ['!yes || no', false],
    ['yes ? "y" : "n"', 'y'],
    ['{"a": a, "b": [a, name]}', { a: 5, b: [5, 'bob'] }],
    ['"p" in words', true],
    ['"k" in m', true],
    ['"ob" in name', true],
    ['xs[1].n', 'q'],
    ['xs[-1].n', 'q'],
    ['m["k"].z', 1],
    ['nil == null', true],
    ['a == "5"', false],
    ['[1, {"a": [2]}] == [1, {"a": [2]}]', true],
    ['xs.map(x, x.n)', ['p', 'q']],
    ['xs.map(x, x.v > 1, x.n)', ['q']],
    ['xs.filter(x, x.v > 1).map(x, x.n).join(",")', 'q'],
    ['xs.all(x, x.v > 0)', true],
    ['xs.exists(x, x.n == name)', false],
    ['xs.exists_one(x, x.v == 2)', true],
    ['m.map(k, k)', ['k']],
    [
      'xs.map(x, words.map(w, x.n + w))',
      [
        ['pp', 'pq'],
        ['qp', 'qq'],
      ],
    ],
    ['cel.bind(q, 3, q + a)', 8],
    ['size(xs)', 2],
    ['xs.size()', 2],
    ['name.upper().lower()', 'bob'],
    ['name.matches("^b.b$")', true],
    ['has(m.k)', true],
    ['has(m.zz)', false],
    ['defined(zz)', false],
    ['defined(m.zz.y.x)', false],
    ['defined(xs[7])', false],
    ['defined(a)', true],
    ['default(zz, 3)', 3],
    ['default(m.zz.y, 3)', 3],
    ['zz.default(3)', 3],
    ['m.?k.?z.orValue(9)', 1],
    ['m.?zz.?z.orValue(9)', 9],
    ['m[?"k"].z.orValue(9)', 1],
    ['zz.?y.orValue("n")', 'n'],
    ['m.?zz.hasValue()', false],
    ['optional.of(3).value()', 3],
    ['optional.none().orValue(1)', 1],
    ['yes || zz', true],
    ['no && zz', false],
    ['zz && no', false],
    ['defined(zz) && zz.y == 1', false],
    ['// a comment\na', 5],
    ["r'\\d'", '\\d'],
    // What cannot be known.
    ['later == 1', 'unknown: the output of "x"'],
    ['later.rc == 0', 'unknown: the output of "x"'],
    ['result.changed', new Unknown('whether it changes')],
    ['changed(result)', 'unknown: whether it changes'],
    ['failed(result)', false],
    ['result.changed && no', false],
    ['no && result.changed', false],
    ['result.changed || yes', true],
    ['result.changed || no', 'unknown: whether it changes'],
    ['!result.changed', 'unknown: whether it changes'],
    ['result.rc == 0', true],
    ['defined(later)', true],
    ['[later, 1].size()', 2],
    ['[later, 1].exists(x, x == 1)', true],
    ['[1, later] == [2, later]', false],
    ['[1, later] == [1, 2]', 'unknown: the output of "x"'],
    ['result == {"rc": 1, "changed": true}', 'unknown: whether it changes'],
    ['later ? 1 : 2', 'unknown: the output of "x"'],
  ]
  for (const [text, value] of cases) it(text, () => expect(evaluate(text)).to.deep.equal(value))

  const wrong: [string, string][] = [
    ['nam', 'undefined-variable 1:1 "nam": "nam" is not defined | Did you mean "name"?'],
    ['a == 1 || zz', 'undefined-variable 1:11 "zz": "zz" is not defined | Define it, or write default(zz, "…").'],
    ['m.k.zz', 'undefined-variable 1:5 "zz": no key "zz" in "m.k" | It has z.'],
    ['m["kk"]', 'undefined-variable 1:3 "\\"kk\\"": no key "kk" in "m" | It has k.'],
    ['xs[9]', 'undefined-variable 1:4 "9": "xs" has no item 9: it is a list of 2 | Items are counted from 0.'],
    [
      'xs.n',
      'undefined-variable 1:4 "n": "xs" is a list and has no key "n" | Take an item first, as in xs[0].n, or go through all of them.',
    ],
    ['a.b', 'undefined-variable 1:3 "b": "a" is the number 5 and has no key "b" | Only maps have keys.'],
    ['True', 'undefined-variable 1:1 "True": "True" is not defined | write true'],
    ['upper', 'undefined-variable 1:1 "upper": "upper" is not defined | upper is a function: give it arguments'],
    ['xs.map(x, x.nn)', 'undefined-variable 1:13 "nn": no key "nn" in "x" | It has n, v.'],
    ['m.?zz.value()', 'expression 1:1 "m.?zz.value()": m.?zz is not there | Use .orValue(…) to say what holds then.'],
    ['uper(name)', 'expression 1:1 "uper(name)": there is no function "uper" | Did you mean "upper"?'],
    ['upper()', 'expression 1:1 "upper()": "upper" takes 1 argument, not 0 | upper(value: text): In upper case.'],
    [
      'a + name',
      'expression 1:1 "a + name": the number 5 + the text "bob" means nothing | Both sides must be numbers, texts or lists: string(x) and int(x) convert.',
    ],
    [
      'name < a',
      'expression 1:1 "name < a": the text "bob" < the number 5 means nothing | Compare two numbers or two texts: int(x) and string(x) convert.',
    ],
    [
      'a && yes',
      'expression 1:1 "a": each side of && must be true or false, and this is the number 5 | Say what is meant: a != 0, or bool(a).',
    ],
    [
      '!words',
      'expression 1:2 "words": what ! stands before must be true or false, and this is a list of 2 | Say what is meant: size(words) > 0, or bool(words).',
    ],
    ['a / 0', 'expression 1:1 "a / 0": division by zero | Guard it: x != 0 ? y / x : 0.'],
    [
      'a.map(x, x)',
      'expression 1:1 "a": this needs a list, and a is the number 5 | Only lists, and the keys of maps, can be gone through.',
    ],
    ['1 +', 'expression 1:4 "": the expression ends too early | Something is missing at its end.'],
    ['size(xs', 'expression 1:8 "": ) is missing | Close what was opened before.'],
    ['a = 1', 'expression 1:3 "=": one = compares nothing | Write == for "is equal".'],
    [
      'a b',
      'expression 1:3 "b": unexpected character: \'b\' | Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
    ],
    ['', 'expression 1:1 "": the expression is empty | Write a condition, or leave the keyword out.'],
    [
      '"abc',
      'expression 1:1 "\\"abc": unterminated string | Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
    ],
  ]
  for (const [text, problem] of wrong)
    it(`${text || 'nothing'} is refused`, () => expect(evaluate(text)).to.equal(problem))

  const jinja: [string, string][] = [
    ['x is defined', 'write defined(x)'],
    ['x.y is not defined', 'write !defined(x.y)'],
    ['x is undefined', 'write !defined(x)'],
    ['not x', 'write !x'],
    ['a == 1 and b == 2', 'write a == 1 && b == 2'],
    ['a or not (b and c)', 'write a || !(b && c)'],
    ['x is defined and x | length > 0', 'write defined(x) && length(x) > 0'],
    ['x | default(1)', 'write default(x, 1)'],
    ["x | default('a and b')", "write default(x, 'a and b')"],
    ["x | default('') | length > 0", "write length(default(x, '')) > 0"],
    ['x | bool', 'write bool(x)'],
    ['x not in [1, 2]', 'write !(x in [1, 2])'],
    ['"a" not in x', 'write !("a" in x)'],
    ['r is failed', 'write failed(r)'],
    ['r is not changed', 'write !changed(r)'],
    ['r is success or r is skipped', 'write succeeded(r) || skipped(r)'],
    ["v is version('1.2', '>=')", "write version(v, '1.2', '>=')"],
    ["s is match('x')", "write match(s, 'x')"],
    ['x is none', 'write x == null'],
    ['x is not none', 'write x != null'],
    ['x is mapping', 'write is_mapping(x)'],
    ['x is not mapping', 'write !is_mapping(x)'],
    ['n is divisibleby 3', 'write divisibleby(n, 3)'],
    ['n is even and n is not odd', 'write even(n) && !odd(n)'],
    ["x is string or x is in ['a']", "write is_string(x) || x in ['a']"],
    ['x is equalto 3', 'write x == 3'],
    ['x | to_nice_yaml(indent=2) | indent(4)', 'write indent(to_nice_yaml(x, with({"indent": 2})), 4)'],
    ["users | map(attribute='name') | list | join(',')", `write join(map(users, with({"attribute": 'name'})), ',')`],
    ["users | selectattr('a', '==', 1) | list | length == 0", "write length(selectattr(users, 'a', '==', 1)) == 0"],
    ['x[1:3] == y[:2]', 'write substring(x, 1, 3) == substring(y, 0, 2)'],
    ['2 ** 3 // 2', 'write pow(2, 3) / 2'],
    ['not (a or b) and c.d[0] is defined', 'write !(a || b) && defined(c.d[0])'],
    ["'a' if x else 'b' if y else 'c'", "write x ? 'a' : y ? 'b' : 'c'"],
    ["lookup('env', 'HOME') | length > 0", "write length(lookup('env', 'HOME')) > 0"],
    ['(a | int) + 1 > b | default(0) | int', 'write int(a) + 1 > int(default(b, 0))'],
    ["x.split(',') | first in ['a']", "write first(x.split(',')) in ['a']"],
    ["{'a': True} | combine(x, recursive=True)", `write combine({'a': true}, x, with({"recursive": true}))`],
    [
      "ansible_facts['os_family'] == 'Debian' and (x | bool)",
      "write ansible_facts['os_family'] == 'Debian' && bool(x)",
    ],
    ['{{ x }}', 'write without braces: x'],
    ['a if b else c', 'write b ? a : c'],
    ['a ~ b', 'write string(a) + string(b)'],
  ]
  for (const [text, hint] of jinja) {
    it(`${text} is Jinja2: ${hint}`, () =>
      expect(evaluate(text))
        .to.match(/is Jinja2; expressions here are CEL \| /)
        .and.to.satisfy((found: string) => found.endsWith(`| ${hint}`)))
  }

  it('takes Jinja2 words inside texts for text', () =>
    expect(evaluate('"x is defined and not y | z {{ q }}"')).to.equal('x is defined and not y | z {{ q }}'))

  it('stops a regular expression that would not end', () => {
    const started = processorTime()
    expect(evaluate(`"${'a'.repeat(40)}!".matches("^(a+)+$")`)).to.match(/takes longer than 300 ms/)
    expect(processorTime() - started).to.be.lessThan(3000)
  })

  it('names the variables it needs', () => {
    const text = 'a && xs.map(x, x.n + b)[0] == default(c, d) && (!defined(e) || e.f) && g.?h.orValue(1) == 1'
    const { names } = compileExpression(text, textPlace(text))
    expect(
      names.map(({ name, optional, start, end }) => `${name}${optional ? '?' : ''} ${text.slice(start, end)}`),
    ).to.deep.equal(['a a', 'xs xs', 'b b', 'c? c', 'd d', 'e? e', 'e? e', 'g? g'])
  })

  describe('agrees with cel-js', () => {
    const cel = new Environment({
      unlistedVariablesAreDyn: true,
      homogeneousAggregateLiterals: false,
      enableOptionalTypes: true,
    })
    const plain = (value: unknown): unknown =>
      typeof value === 'bigint'
        ? Number(value)
        : Array.isArray(value)
          ? value.map(plain)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
            : value
    const texts = [
      '1 + 2 * 3 - 4 / 2',
      '7 % 3',
      '-7 / 2',
      '-7 % 3',
      '(1 + 2) * 3',
      '1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3',
      '1 != 2',
      '"a" < "b"',
      '"a" + "b" == "ab"',
      'true ? 1 : 2',
      'false || true && false',
      '!true',
      '[1, 2] == [1, 2]',
      '[1, 2] + [3]',
      '1 in [1, 2]',
      '3 in [1, 2]',
      '{"a": 1} == {"a": 1}',
      '"a" in {"a": 1}',
      '[1, 2, 3].map(x, x * 2)',
      '[1, 2, 3].filter(x, x > 1)',
      '[1, 2, 3].map(x, x > 1, x * 2)',
      '[1, 2].all(x, x > 0)',
      '[1, 2].exists(x, x > 1)',
      '[1, 2].exists_one(x, x > 1)',
      '[[1], [2]].map(x, x.map(y, y + 1))',
      'size([1, 2])',
      'size("héllo")',
      '"abc".startsWith("a")',
      '"abc".endsWith("c")',
      '"abc".contains("b")',
      '"abc".matches("^a.c$")',
      'has(m.k)',
      'has(m.zz)',
      '{"a": 1}.a',
      '{"a": [1, 2]}.a[1]',
      'name + "x"',
      'words[0]',
      'm.k == {"z": 1.0}',
      'xs.map(x, x.n)',
      'xs.filter(x, x.n == "q")[0].n',
      'int("12") + 1',
      'string(5)',
      'double("1.5")',
      '1.5 + 1.5',
      '"\\u00e9\\n\\t\\x41"',
      "r'a\\n'",
      '"""a"b"""',
      '0x1F',
      '1e3',
      'cel.bind(x, 2, x * x)',
      '{"a": 1}.?b.orValue(2)',
      '{"a": 1}.?a.orValue(2)',
      'optional.none().orValue(1)',
      'null == null',
      'true || 1 / 0 == 1',
      '1 / 0 == 1 || true',
      'false && 1 / 0 == 1',
      '[1, 2].exists(x, 1 / (x - 1) == 1)',
    ]
    for (const text of texts) it(text, () => expect(evaluate(text)).to.deep.equal(plain(cel.parse(text)(values))))
  })
})
