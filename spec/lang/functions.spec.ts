import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { compileExpression } from '../../engine/lang/expression.ts'
import { functionNamed, helperDocs } from '../../engine/lang/functions/table.ts'
import { filePlace } from '../../engine/lang/place-in-text.ts'
import type { Scope } from '../../engine/lang/scope.ts'
import { compileTemplate } from '../../engine/lang/template.ts'
import { layer, Variables } from '../../engine/lang/variables.ts'
import { outcome, textPlace, variables } from './shown.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsplay-functions-'))
mkdirSync(join(folder, 'templates'))
writeFileSync(join(folder, 'templates/motd.hbs'), 'Welcome to {{inventory_hostname}}\n')

const controller = {
  ahead: false,
  check: false,
  secret: () => undefined,
  renderFile: (path: string, scope: Scope) => {
    const source = new Source(path, readFileSync(path, 'utf8'))
    return compileTemplate(source.text, filePlace(source)).renderText(scope)
  },
}
const scopeOf = (values: Record<string, unknown>) =>
  new Variables([layer(0, 'spec', { playbook_dir: folder, ...values })], { controller: () => controller })
const compute = (text: string, values: Record<string, unknown> = {}) =>
  outcome(() => compileExpression(text, textPlace(text)).evaluate(scopeOf(values)))

describe('functions', () => {
  after(() => rmSync(folder, { recursive: true }))

  for (const { example, template, given = {}, gives, name, doc, aliases } of helperDocs()) {
    it(`${example} gives ${JSON.stringify(gives)}`, () => {
      expect(compute(example, given)).to.deep.equal(gives)
      expect(
        [name, ...aliases].some((one) => new RegExp(`\\b${one}\\b`).test(example)),
        example,
      ).to.equal(true)
      expect(doc).to.match(/^[A-Z][\s\S]*\.$/)
    })
    if (template) {
      it(`${template} does too`, () => {
        const work = () => compileTemplate(template, textPlace(template)).render(scopeOf(given))
        expect(outcome(work)).to.deep.equal(gives)
      })
    }
  }

  it('can nearly all be shown in templates', () => {
    const only = helperDocs().filter(({ template }) => template === undefined)
    expect(only.map(({ example }) => example)).to.deep.equal([
      "string(timestamp('2026-01-31T12:00:00Z') + duration('90m'))",
    ])
  })

  it('have each name once', () => {
    const names = helperDocs().flatMap(({ name, aliases }) => [name, ...aliases])
    expect(names.filter((name, index) => names.indexOf(name) !== index)).to.deep.equal([])
    for (const name of names) expect(functionNamed(name), name).to.not.equal(undefined)
  })

  it('are the same in templates', () => {
    for (const [template, value] of [
      ['{{upper "x"}}', 'X'],
      ['{{ipNth "10.96.0.0/16" 10}}', '10.96.0.10'],
      ['{{quote "a b"}}', "'a b'"],
      ['{{toNiceYaml m}}', "a:\n- 1\n-   'yes': 'yes'\n"],
      ['{{indent (to_nice_yaml m indent=2) 2}}.', "a:\n  - 1\n  - 'yes': 'yes'\n."],
      ['{{combine m n true}}', { a: [1, { yes: 'yes' }], b: 1 }],
    ] as const) {
      const scope = variables({ m: { a: [1, { yes: 'yes' }] }, n: { b: 1 } })
      const found = outcome(() => compileTemplate(template, textPlace(template)).render(scope))
      expect(found, template).to.deep.equal(value)
    }
  })

  const cases: [string, unknown][] = [
    ["versionCompare('1.20.2', '<', '1.20.10')", true],
    ["versionCompare('v1.20.0', '==', '1.20')", true],
    ["versionCompare('1.20.0-rc.1', '<', '1.20.0')", true],
    ["versionCompare('1.20.0-alpha.2', '<', '1.20.0-alpha.10')", true],
    ["versionCompare('3.4.13+dfsg', '>=', '3.4.13')", true],
    ["versionCompare('1.0rc1', '<', '1.0')", true],
    ["ipNth('10.96.0.0/30', 4)", /10\.96\.0\.0\/30 has no address number 4.*It has 4 addresses/],
    ["ipNth('10.96.0.0/16', -1)", '10.96.255.255'],
    ["ipNth('fd00:1::/64', 1)", 'fd00:1::1'],
    ["ipSubnet('192.168.1.26/24')", '192.168.1.0/24'],
    ["ipNetmask('10.0.0.0/0')", '0.0.0.0'],
    ["cidrOverlaps('10.96.0.0/16', '10.97.0.0/16')", false],
    ["cidrOverlaps('10.96.0.0/12', '10.97.0.0/16')", true],
    ["cidrContains('10.96.0.0/16', '10.96.0.0/12')", false],
    ["cidrContains('10.0.0.0/8', 'fd00::1')", false],
    ["ipPrefix('10.0.0.0/33')", /"10\.0\.0\.0\/33" is no address or network/],
    ["isIp('010.0.0.1')", false],
    ["isIp('10.0.0')", false],
    ["isIp('1.2.3.4/8')", false],
    ["ipwrap('10.0.0.1')", '10.0.0.1'],
    ["regexReplace('a1', r'([a-z])(\\d)', r'\\2\\1')", '1a'],
    ["regexSearch('abc', 'z')", null],
    ["regexSearch('abc', '(')", /this is no regular expression/],
    ["regexReplace('ABC', '(?i)b', '-')", 'A-C'],
    ["replace('a$b', '$', '$&')", 'a$&b'],
    ["split('a  b\\tc ')", ['a', 'b', 'c']],
    ["quote('')", "''"],
    ["quote('$x `y`')", "'$x `y`'"],
    ['quote("it\'s")', `'it'"'"'s'`],
    ["indent('a\\n\\nb', 2, true)", '  a\n\n  b'],
    ["int('0x1f', 0, 16)", 31],
    ["int('1f', 0, 16)", 31],
    ["int('007')", 7],
    ["int('')", 0],
    ["int('12abc', -1)", -1],
    ['int(-1.9)', -1],
    ["bool('maybe')", false],
    ['range(5, 0, -2)', [5, 3, 1]],
    ['range(3)', [0, 1, 2]],
    ['range(1, 2, 0)', /step other than 0/],
    ["sort([2, 'a'])", /sort cannot compare/],
    ['sort([10, 9, 1])', [1, 9, 10]],
    ['max([])', /max gives nothing: the list is empty/],
    ['default(max([]), 7)', 7],
    ["map([{'a': 1}, {'b': 1}], with({'attribute': 'a'}))", /map: an item has no a/],
    ["map([{'a': {'b': 3}}], with({'attribute': 'a.b'}))", [3]],
    ["unique([[1], [1], {'a': 1}, {'a': 1}, 1])", [[1], { a: 1 }, 1]],
    ["combine({'a': {'x': 1}}, {'a': {'y': 2}})", { a: { y: 2 } }],
    ["b64decode('!')", /this is no base64/],
    ["b64encode('é')", 'w6k='],
    ["hash('x', 'nope')", /hash knows no algorithm nope/],
    ["hash('abc', 'md5')", '900150983cd24fb0d6963f7d28e17f72'],
    ["fromYaml('a: [')", /from_yaml: line 1 is no YAML/],
    ["fromYaml('a: yes\\nb: 0644')", { a: true, b: '0644' }],
    ["fromJson('{')", /from_json: this is no JSON: Expected property name/],
    ["format('%5.1f|%-4s|%+d|%x|%%', 1.25, 'a', 3, 255)", '  1.3|a   |+3|ff|%'],
    ["format('%d', 'x')", /format needs a number for %d/],
    ["format('%s')", /format has no value for %s/],
    ["formatDate('2026-01-31T12:00:00Z', '%d.%m.%Y %H:%M %a')", '31.01.2026 12:00 Sat'],
    ["formatDate(0, '%Q')", /a date has no %Q/],
    ["pathJoin('a', '/b', 'c')", '/b/c'],
    ['and(1, null, 2)', null],
    ["default('', 'x', true)", 'x'],
    ["default(null, 'x')", null],
    ["length('héé')", 3],
    ["selectAttr([{'a': true}, {'a': 0}], 'a')", [{ a: true }]],
    ["selectAttr([{'a': true}, {'b': 1}], 'a')", /selectattr: an item has no a \(it is a map\)/],
    ["toJson({'a': null})", '{"a": null}'],
    ["failed({'rc': 1})", false],
    ["is_vault_encrypted('$ANSIBLE_VAULT;1.1;AES256')", true],
    ["succeeded({'failed': true})", false],
  ]
  for (const [text, value] of cases) {
    it(`${text} ${value instanceof RegExp ? 'is refused' : `gives ${JSON.stringify(value)}`}`, () => {
      if (value instanceof RegExp)
        expect(compute(text))
          .to.match(/^(expression|undefined-variable) 1:1 /)
          .and.to.match(value)
      else expect(compute(text)).to.deep.equal(value)
    })
  }

  it('now is the time', () => {
    expect(compute('string(now())')).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    expect(outcome(() => compileTemplate('{{now}}!', textPlace('{{now}}!')).render(variables({})))).to.match(/^\d{4}-/)
    expect(outcome(() => compileTemplate('{{now}}', textPlace('{{now}}')).render(variables({ now: 1 })))).to.equal(1)
  })
})
