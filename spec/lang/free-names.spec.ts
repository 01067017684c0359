import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { conditionNames, conditionProblems, freeNames, textProblems } from '../../engine/lang/free-names.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { placeOf, shown } from './shown.ts'

const read = (text: string) => parseYaml(new Source('f', text)).root!
const told = (names: ReturnType<typeof freeNames>) =>
  names.map(({ name, span, optional }) => `${name}${optional ? '?' : ''} ${placeOf(span)}`)

describe('names that a value needs', () => {
  it('are found in texts, keys, lists, maps and !expr, each at its place', () => {
    const text =
      'dest: "/etc/{{ name }}.d"\nlist: [plain, "{{#each hosts}}{{ip}}{{../port}}{{/each}}"]\n"{{key}}": !expr sizes.map(s, s + more)\nmode: |\n  x\n  {{default zz a.b}}\n'
    expect(told(freeNames(read(text)))).to.deep.equal([
      'name 1:16 "name"',
      'hosts 2:24 "hosts"',
      'port 2:39 "../port"',
      'key 3:4 "key"',
      'sizes 3:18 "sizes"',
      'more 3:35 "more"',
      'zz? 6:13 "zz"',
      'a 6:16 "a.b"',
    ])
  })

  it('leave out what is !unsafe, plain or sealed', () => {
    expect(freeNames(read('a: !unsafe "{{x}}"\nb: x\nc: !vault "{{x}}"\nd: 5'))).to.deep.equal([])
  })

  it('of conditions are those of expressions', () => {
    expect(told(conditionNames(read('[a == 1, "defined(b) && b.c", true, !expr d]')))).to.deep.equal([
      'a 1:2 "a"',
      'b? 1:19 "b"',
      'b? 1:25 "b"',
      'd 1:43 "d"',
    ])
  })

  it('do not hide what cannot be read', () => {
    expect(textProblems(read('a: "{{uper x}}"\nb: "{{#if}}"\nc: !expr "1 +"\nd: "{{fine}}"')).map(shown)).to.deep.equal(
      [
        'template 1:7 "uper": there is no function "uper" | Did you mean "upper"?',
        'template 2:5 "{{#if": {{#if}} is never closed | Close it with {{/if}}.',
        'expression 3:14 "": the expression ends too early | Something is missing at its end.',
      ],
    )
    expect(conditionProblems(read('[a is defined]')).map(shown)).to.deep.equal([
      'expression 1:2 "a is defined": "a is defined" is Jinja2; expressions here are CEL | write defined(a)',
    ])
  })
})
