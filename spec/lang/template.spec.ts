import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { Unknown } from '../../engine/base/unknown.ts'
import { OMIT } from '../../engine/lang/render.ts'
import { compileTemplate } from '../../engine/lang/template.ts'
import { processorTime } from '../processor-time.ts'
import { outcome, textPlace, variables } from './shown.ts'

const scope = variables({
  a: 5,
  zero: 0,
  name: 'bob',
  yes: true,
  no: false,
  nothing: null,
  none: [],
  nulls: [null, 1],
  first: 'mine',
  hosts: [
    { name: 'n1', ip: '10.0.0.1', roles: ['x', 'y'] },
    { name: 'n2', ip: '10.0.0.2', roles: [] },
  ],
  words: ['p', 'q'],
  map: { k: { z: 1 }, 'odd key': 2 },
  html: '<b>&"',
  omit: OMIT,
  later: new Unknown('the output of "x"'),
  partly: { sure: 1, unsure: new Unknown('the output of "y"') },
})
const render = (text: string, partials: Record<string, string> = {}) => {
  const find = (name: string) => (partials[name] === undefined ? undefined : new Source(`${name}.hbs`, partials[name]))
  return outcome(() => compileTemplate(text, textPlace(text), { partials: find }).render(scope))
}

describe('templates', () => {
  const cases: [string, unknown][] = [
    // A whole value keeps its type.
    ['{{a}}', 5],
    ['{{ map.k }}', { z: 1 }],
    ['{{{hosts.[0].ip}}}', '10.0.0.1'],
    ['{{hosts.0.ip}}', '10.0.0.1'],
    ['{{words.1}}', 'q'],
    ['{{hosts.0.roles.1}}!{{upper words.0}}{{#each hosts.0.roles}}{{this}}{{/each}}', 'y!Pxy'],
    ['{{#if words.1}}{{replace "a.1 b" ".1" ""}}{{/if}} {{round 1.5}} words.1', 'a b 2 words.1'],
    ['{{{{raw}}}}{{words.1}}{{{{/raw}}}}', '{{words.1}}'],
    ['{{map.[odd key]}}', 2],
    ['{{default zz 4}}', 4],
    ['{{default map.zz.y "t"}}', 't'],
    ['{{default (lookup map "zz") 1}}', 1],
    ['{{nothing}}', null],
    ['{{@root.a}}', 5],
    ['{{"text"}}', 'text'],
    ['{{12}}', 12],
    ['{{first}}', 'mine'],
    ['{{first words}}', 'p'],
    ['{{join (map hosts attribute="name") ","}}', 'n1,n2'],
    ['{{join words separator="-"}}', 'p-q'],
    ['{{~a~}}', 5],
    // Anything else is text.
    ['a{{a}}', 'a5'],
    ['{{a}} ', '5 '],
    ['{{yes}}{{no}}{{nothing}}|', 'truefalse|'],
    ['v={{map}}', 'v={"k":{"z":1},"odd key":2}'],
    ['{{words}}{{none}}', '["p","q"][]'],
    ['{{html}}.', '<b>&".'],
    ['{{! no }}x{{!-- {{no}} --}}', 'x'],
    ['\\{{a}} {{a}}', '{{a}} 5'],
    ['{{{{raw}}}}{{a}}{{{{/raw}}}}', '{{a}}'],
    // Blocks.
    ['{{#if yes}}y{{else}}n{{/if}}', 'y'],
    ['{{#if no}}1{{else if nothing}}2{{else if a}}3{{else}}4{{/if}}', '3'],
    ['{{#if none}}y{{else}}n{{/if}}{{#if zero}}y{{else}}n{{/if}}{{#if zero includeZero=true}}y{{/if}}', 'nny'],
    ['{{#unless no}}u{{/unless}}', 'u'],
    ['{{#if (and yes (eq a 5))}}y{{/if}}', 'y'],
    ['{{#each words}}{{@index}}{{this}}{{@first}}{{@last}};{{/each}}', '0ptruefalse;1qfalsetrue;'],
    ['{{#each map.k}}{{@key}}={{this}}{{/each}}', 'z=1'],
    ['{{#each none}}x{{else}}empty{{/each}}', 'empty'],
    ['{{#each nothing}}x{{else}}empty{{/each}}', 'empty'],
    [
      '{{#each hosts as |h i|}}{{i}}{{h.name}}{{#each h.roles as |r|}}[{{h.name}}{{r}}{{../name}}]{{/each}}{{/each}}',
      '0n1[n1xn1][n1yn1]1n2',
    ],
    ['{{#each hosts}}{{name}}{{#if ../yes}}{{../a}}{{/if}}{{@root.name}} {{/each}}', 'n15bob n25bob '],
    ['{{#each hosts}}{{#each roles}}{{this}}{{@../index}}{{../../a}}{{/each}}{{/each}}', 'x05y05'],
    ['{{#with map.k}}{{z}}{{../a}}{{else}}no{{/with}}', '15'],
    ['{{#with nothing}}x{{else}}no{{/with}}', 'no'],
    ['{{#yes}}t{{/yes}}{{#no}}f{{else}}e{{/no}}{{^none}}n{{/none}}', 'ten'],
    ['{{#hosts}}{{name}}{{@last}} {{/hosts}}{{#map.k}}{{z}}{{/map.k}}', 'n1false n2true 1'],
    ['{{#eq a 5}}five{{else}}other{{/eq}}', 'five'],
    ['{{#if (defined zz)}}{{zz}}{{else}}no zz{{/if}}', 'no zz'],
    ['x {{~a~}} y', 'x5y'],
    ['{{#each words}}\n  - {{this}}\n{{/each}}\n', '  - p\n  - q\n'],
    ['{{#if yes}}\r\n  a\r\n{{/if}}\r\nb', '  a\r\nb'],
    ['{{#each nulls}}{{#if @first}}<{{this}}>{{else}}[{{this}}]{{/if}}{{/each}}', '<>[1]'],
    // A value that ends its line itself.
    ['{{to_nice_yaml map.k}}\n', 'z: 1\n'],
    ['{{to_nice_yaml map.k}}\n\n', 'z: 1\n\n'],
    ['{{to_nice_yaml map.k}}\nx\n', 'z: 1\n\nx\n'],
    ['{{to_nice_yaml map.k}}.', 'z: 1\n.'],
    ['{{a}}\n\n', '5\n\n'],
    ['{{#each words}}{{this}}\n\n{{/each}}\n', 'p\n\nq\n\n'],
    // What cannot be known.
    ['{{later}}.', 'unknown: the output of "x"'],
    ['{{#if later}}y{{/if}}', 'unknown: the output of "x"'],
    ['{{#each later}}y{{/each}}', 'unknown: the output of "x"'],
    ['{{later.rc}}', 'unknown: the output of "x"'],
    ['{{upper later}}', 'unknown: the output of "x"'],
    ['{{toJson partly}}', 'unknown: the output of "y"'],
    ['p={{partly}}', 'unknown: the output of "y"'],
    ['{{#each partly}}{{@key}}{{#if @last}}{{this}}{{/if}}{{/each}}', 'unknown: the output of "y"'],
    ['p={{partly.sure}}', 'p=1'],
    ['{{length partly}} {{defined later}}', '2 true'],
    ['{{#each partly}}{{@key}} {{/each}}', 'sure unsure '],
  ]
  for (const [text, value] of cases) {
    it(text.replaceAll('\n', '⏎').replaceAll('\r', ''), () => expect(render(text)).to.deep.equal(value))
  }

  it('passes an unknown on when it is the whole value', () => expect(render('{{later}}')).to.be.instanceOf(Unknown))

  const wrong: [string, string][] = [
    ['{{nam}}', 'undefined-variable 1:3 "nam": "nam" is not defined | Did you mean "name"?'],
    ['x\n  {{ map.kk.z }}', 'undefined-variable 2:6 "map.kk.z": no key "kk" in "map" | It has k, odd key.'],
    ['{{map.k.q}}', 'undefined-variable 1:3 "map.k.q": no key "q" in "map.k" | It has z.'],
    [
      '{{words.[5]}}',
      'undefined-variable 1:3 "words.[5]": "words" has no item 5: it is a list of 2 | Items are counted from 0.',
    ],
    [
      '{{hosts.name}}',
      'undefined-variable 1:3 "hosts.name": "hosts" is a list and has no key "name" | Take an item first, as in hosts[0].name, or go through all of them.',
    ],
    ['{{a.b}}', 'undefined-variable 1:3 "a.b": "a" is the number 5 and has no key "b" | Only maps have keys.'],
    ['{{#if zz}}{{/if}}', 'undefined-variable 1:7 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.'],
    ['{{#each map.zz}}{{/each}}', 'undefined-variable 1:9 "map.zz": no key "zz" in "map" | It has k, odd key.'],
    ['{{upper zz}}', 'undefined-variable 1:9 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.'],
    [
      '{{join words separator=zz}}',
      'undefined-variable 1:24 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.',
    ],
    [
      '{{#each hosts}}{{a}}{{/each}}',
      'undefined-variable 1:18 "a": the item here (a map) has no "a" | Inside #each and #with, names are looked up in the item; @root.a is the variable.',
    ],
    [
      '{{#each hosts as |h|}}{{h.nam}}{{/each}}',
      'undefined-variable 1:25 "h.nam": no key "nam" in "h" | Did you mean "name"?',
    ],
    ['{{lookup map "zz"}}', 'undefined-variable 1:3 "lookup map \\"zz\\"": lookup finds no "zz" | It has k, odd key.'],
    ['{{uper name}}', 'template 1:3 "uper": there is no function "uper" | Did you mean "upper"?'],
    ['{{upper}}', 'undefined-variable 1:3 "upper": "upper" is not defined | upper is a function: give it arguments'],
    [
      '{{upper name 2}}',
      'template 1:3 "upper name 2": "upper" takes 1 argument, not 2 | upper(value: text): In upper case.',
    ],
    [
      '{{upper words}}',
      'template 1:3 "upper words": upper needs a text as its value, and this is a list of 2 | upper(value: text): In upper case.',
    ],
    [
      '{{join words sep=1}}',
      'template 1:3 "join words sep=1": join has no argument called sep; it has list, separator, attribute | join(list: list|text, separator?: text, attribute?: text): The items as one text, with the separator between them (none unless given).',
    ],
    [
      '{{#each name}}{{/each}}',
      'template 1:9 "name": #each goes through a list or a map, and name is the text "bob" | split makes a list of a text; #if asks whether something is true.',
    ],
    [
      '{{#if eq a 5}}{{/if}}',
      'template 1:4 "if": #if takes one value, not 3 | Put a call in brackets: {{#if (eq a 5)}}.',
    ],
    ['a{{omit}}', 'template 1:4 "omit": omit cannot be part of a text | Give omit as the whole value of a parameter.'],
    [
      '{{@nope}}',
      'template 1:3 "@nope": @nope means nothing here | @index, @key, @first and @last exist inside #each; @root everywhere.',
    ],
    ['{{../a}}', 'template 1:3 "../a": ../a means nothing here | There is nothing around this to go up to.'],
    ['{{> zz}}', 'template 1:1 "{{> zz}}": there is no partial "zz" | Put zz.hbs beside this template.'],
    ['{{undefined}}', 'template 1:3 "undefined": undefined is no value | defined x asks whether x exists.'],
    ['{{each words}}', 'template 1:3 "each": there is no function "each" | It is a block: {{#each x}}…{{/each}}.'],
    // Places stay right behind escapes, comments, raw blocks and odd line ends.
    ['\\{{e}} {{zz}}', 'undefined-variable 1:10 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.'],
    [
      '{{!-- a\nb --}}\r\n x {{zz}}',
      'undefined-variable 3:6 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.',
    ],
    [
      '{{{{raw}}}} {{b}}\n {{{{/raw}}}} {{zz}}',
      'undefined-variable 2:17 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.',
    ],
    [
      '{{#if no}}a{{else if zz}}b{{/if}}',
      'undefined-variable 1:22 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.',
    ],
    [
      '{{join\n  words\n  zz}}',
      'undefined-variable 3:3 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.',
    ],
    // What cannot be read.
    [
      'x {{ y',
      'template 1:3 "{{": these braces are not closed | Close them with }}, or write \\{{ for braces that are text.',
    ],
    ['{{#if a}}x', 'template 1:1 "{{#if": {{#if}} is never closed | Close it with {{/if}}.'],
    [
      '{{#if a}}{{/each}}',
      'template 1:4 "if": {{#if}} is closed by {{/each}} | Write {{/if}}, or close what is inside first.',
    ],
    [
      'x{{/if}}',
      'template 1:2 "{{/": this closes a block that was not opened | Remove it, or open the block with {{#…}}.',
    ],
    [
      '{{words[0]}}',
      'template 1:3 "w": the template cannot be read here: a name or a text or a number is expected | write {{words.[0]}}',
    ],
    // Jinja2.
    [
      '{{ name | upper }}',
      'template 1:1 "{{ name | upper }}": "name | upper" is Jinja2; templates here are Handlebars | write {{upper name}}',
    ],
    [
      '{{ n | default("x") | upper }}',
      'template 1:1 "{{ n | default(\\"x\\") | upper }}": "n | default("x") | upper" is Jinja2; templates here are Handlebars | write {{upper (default n "x")}}',
    ],
    [
      '{{ x is defined }}',
      'template 1:1 "{{ x is defined }}": "x is defined" is Jinja2; templates here are Handlebars | write {{defined x}}',
    ],
    [
      '{% if a %}x{% endif %}',
      'template 1:1 "{% if a %}": "{% if a %}" is Jinja2; templates here are Handlebars | write {{#if x}}…{{/if}}; {{"{%"}} gives the characters themselves.',
    ],
  ]
  for (const [text, problem] of wrong) {
    it(`${text.replaceAll('\n', '⏎')} is refused`, () => {
      if (text === '{{words[0]}}') expect(render(text)).to.match(/^template 1:\d+ .*write \{\{words\.\[0\]\}\}$/)
      else expect(render(text)).to.equal(problem)
    })
  }

  describe('partials', () => {
    const partials = {
      line: 'name={{name}}\n',
      item: '{{name}}/{{port}};',
      deep: '<{{> item port=1}}>',
      bad: 'ok\n {{zz}}',
      block: '[{{> @partial-block}}]',
    }
    const some: [string, unknown][] = [
      ['{{> line}}', 'name=bob\n'],
      ['a:\n  {{> line}}\nb', 'a:\n  name=bob\nb'],
      ['{{#each hosts}}{{> item port=1}}{{/each}}', 'n1/1;n2/1;'],
      ['{{> item port=a}}', 'bob/5;'],
      ['{{> deep}}', '<bob/1;>'],
      ['{{#> block}}{{a}}{{/block}}', '[5]'],
      ['{{#> nope}}else {{a}}{{/nope}}', 'else 5'],
      ['{{> bad}}', 'undefined-variable 2:4 "zz": "zz" is not defined | Define it, or write {{default zz "…"}}.'],
    ]
    for (const [text, value] of some)
      it(text.replaceAll('\n', '⏎'), () => expect(render(text, partials)).to.equal(value))

    it('tells the places in their own file', () => {
      const text = '{{> bad}}'
      const template = compileTemplate(text, textPlace(text), { partials: () => new Source('bad.hbs', 'x{{zz}}') })
      expect(() => template.render(scope))
        .to.throw()
        .with.nested.property('spans[0].source.file', 'bad.hbs')
    })
  })

  it('names the variables and functions it needs', () => {
    const text =
      '{{a}}{{#each hosts as |h|}}{{h.x}}{{name}}{{../b}}{{@root.c.d}}{{/each}}{{default e 1}}{{#if (defined f)}}{{f}}{{/if}}'
    const { names, helpers } = compileTemplate(text, textPlace(text))
    expect(
      names.map(({ name, optional, start, end }) => `${name}${optional ? '?' : ''} ${text.slice(start, end)}`),
    ).to.deep.equal(['a a', 'hosts hosts', 'b ../b', 'c @root.c.d', 'e? e', 'f? f', 'f? f'])
    expect(helpers).to.deep.equal(['default', 'defined'])
  })

  it('does not reach into the prototypes of values', () => {
    for (const text of [
      '{{constructor}}',
      '{{map.constructor}}',
      '{{words.length}}',
      '{{name.length}}',
      '{{map.__proto__}}',
    ]) {
      expect(render(text), text).to.match(/^undefined-variable/)
    }
  })

  it('gives the text of a file even when it is one {{…}}', () => {
    expect(compileTemplate('{{map.k}}', textPlace('')).renderText(scope)).to.equal('{"z":1}')
    expect(compileTemplate('{{nothing}}', textPlace('')).renderText(scope)).to.equal('')
  })

  it('renders 60 lines in a fraction of a millisecond', () => {
    const text =
      '{{#each hosts}}\nserver {{name}} {{ip}}:{{@root.a}} {{#if roles}}{{join roles ","}}{{/if}}\n{{/each}}\nplain {{name}}\n'.repeat(
        20,
      )
    const template = compileTemplate(text, textPlace(text))
    const times = Array.from({ length: 1000 }, () => {
      const started = processorTime()
      template.renderText(scope)
      return processorTime() - started
    })
    expect(Math.min(...times)).to.be.lessThan(0.5)
  })
})
