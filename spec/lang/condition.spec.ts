import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { Unknown } from '../../engine/base/unknown.ts'
import { evaluateCondition } from '../../engine/lang/condition.ts'
import type { MapNode } from '../../engine/lang/node.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { outcome, variables } from './shown.ts'

const scope = variables({
  a: 5,
  name: 'bob',
  word: 'true',
  yes1: true,
  xs: [],
  nil: null,
  later: new Unknown('what "x" prints'),
})
const evaluate = (yaml: string) => {
  const root = parseYaml(new Source('play.yml', `when: ${yaml}`)).root as MapNode
  return outcome(() => evaluateCondition(root.pairs[0]!.value, scope))
}

describe('conditions', () => {
  const cases: [string, unknown][] = [
    ['a == 5', true],
    ['"name == \'alice\'"', false],
    ['true', true],
    ['no', false],
    ['yes1', true],
    ['!expr a > 4', true],
    ['[a == 5, yes1]', true],
    ['[a == 5, a == 6]', false],
    ['[]', true],
    ['[[a == 5], [true]]', true],
    ['|\n  a == 5 &&\n  name == "bob"', true],
    ['later == "x"', 'unknown: what "x" prints'],
    ['[later == "x", a == 6]', false],
    ['[later == "x", a == 5]', 'unknown: what "x" prints'],
    ['later', 'unknown: what "x" prints'],
    [
      'a',
      'expression 1:7 "a": a condition must be true or false, and this is the number 5 | Say what is meant: a != 0.',
    ],
    [
      'name',
      'expression 1:7 "name": a condition must be true or false, and this is the text "bob" | Say what is meant: name != "", or bool(name).',
    ],
    [
      'word',
      'expression 1:7 "word": a condition must be true or false, and this is the text "true" | Write bool(word).',
    ],
    [
      'xs',
      'expression 1:7 "xs": a condition must be true or false, and this is an empty list | Say what is meant: size(xs) > 0.',
    ],
    [
      'nil',
      'expression 1:7 "nil": a condition must be true or false, and this is null | Say what is meant: nil != null.',
    ],
    [
      '',
      'expression 1:7 "": a condition must be true or false, and this is null | Write a condition behind the colon.',
    ],
    [
      '5',
      'expression 1:7 "5": a condition must be true or false, and this is the number 5 | Say what is meant: 5 != 0.',
    ],
    [
      '{a: 1}',
      'expression 1:7 "{a: 1}": a condition must be true, false, an expression or a list of them, and this is a map | Write it as text: when: x == 1. Quote it when it contains ": ".',
    ],
    [
      '"{{ a }} == 5"',
      'expression 1:8 "{{ a }}": "{{ a }}" is Jinja2; expressions here are CEL | write without braces: a == 5',
    ],
    ['a == 5 and nam', 'expression 1:14 "and": "and" is Jinja2; expressions here are CEL | write a == 5 && nam'],
    ['[a == 5, nam == "x"]', 'undefined-variable 1:16 "nam": "nam" is not defined | Did you mean "name"?'],
    ["'a ==\n  nam'", 'undefined-variable 2:3 "nam": "nam" is not defined | Did you mean "name"?'],
    ['>-\n  a == 5 &&\n  nam', 'undefined-variable 3:3 "nam": "nam" is not defined | Did you mean "name"?'],
  ]
  for (const [yaml, value] of cases)
    it(yaml.replaceAll('\n', '⏎') || 'nothing', () => expect(evaluate(yaml)).to.equal(value))

  it('takes texts and booleans without a place', () => {
    expect(evaluateCondition('a == 5', scope)).to.equal(true)
    expect(evaluateCondition(false, scope)).to.equal(false)
  })
})
