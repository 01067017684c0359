import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { Unknown } from '../../engine/base/unknown.ts'
import { evaluateCondition } from '../../engine/lang/condition.ts'
import { compileExpression } from '../../engine/lang/expression.ts'
import { compileTemplate } from '../../engine/lang/template.ts'
import { outcome, textPlace, variables } from './shown.ts'

/** Mistakes that people make in expressions and templates, and what is told of each, with its place. */
const scope = variables({
  playbook_dir: '/playbook',
  name: 'web1',
  port: 8080,
  words: ['a', 'b'],
  config: { path: '/etc', mode: '0644' },
  users: [{ name: 'ann' }, { name: 'bob', uid: 7 }],
  nothing: null,
  ready: true,
  later: new Unknown('the output of "x"'),
  result: { rc: 0, stdout: 'ok' },
})

const expressions: readonly (readonly [text: string, told: string])[] = [
  ['uppper(name)', 'expression 1:1 "uppper(name)": there is no function "uppper" | Did you mean "upper"?'],
  ['upper()', 'expression 1:1 "upper()": "upper" takes 1 argument, not 0 | upper(value: text): In upper case.'],
  [
    'upper(name, 1)',
    'expression 1:1 "upper(name, 1)": "upper" takes 1 argument, not 2 | upper(value: text): In upper case.',
  ],
  [
    'default()',
    'expression 1:1 "default()": "default" takes 1 to 3 arguments, not 0 | default(value: any, fallback?: any, when_false?: bool): The value, or the fallback (an empty text unless given) when it is undefined; with true also when it is empty, null, 0 or false.',
  ],
  [
    'upper(words)',
    'expression 1:1 "upper(words)": upper needs a text as its value, and this is a list of 2 | upper(value: text): In upper case.',
  ],
  [
    'join(5)',
    'expression 1:1 "join(5)": join needs a list or a text as its list, and this is the number 5 | join(list: list|text, separator?: text, attribute?: text): The items as one text, with the separator between them (none unless given).',
  ],
  [
    "replace(name, 'a')",
    'expression 1:1 "replace(name, \'a\')": "replace" takes 3 to 4 arguments, not 2 | replace(value: text, from: text, to: text, count?: number): With every occurrence of a text, or the first so many, replaced by another.',
  ],
  ['nam', 'undefined-variable 1:1 "nam": "nam" is not defined | Did you mean "name"?'],
  ['config.pth', 'undefined-variable 1:8 "pth": no key "pth" in "config" | Did you mean "path"?'],
  [
    'words.name',
    'undefined-variable 1:7 "name": "words" is a list and has no key "name" | Take an item first, as in words[0].name, or go through all of them.',
  ],
  ['words[5]', 'undefined-variable 1:7 "5": "words" has no item 5: it is a list of 2 | Items are counted from 0.'],
  ['port.x', 'undefined-variable 1:6 "x": "port" is the number 8080 and has no key "x" | Only maps have keys.'],
  [
    "regex_search(name, '(')",
    "expression 1:1 \"regex_search(name, '(')\": this is no regular expression: unterminated group | The syntax is Python's, as in Ansible; in YAML, put it in single quotes.",
  ],
  [
    "regex_replace(name, '(?<x', '')",
    "expression 1:1 \"regex_replace(name, '(?<x', '')\": this is no regular expression: (?<x is not supported | The syntax is Python's, as in Ansible; in YAML, put it in single quotes.",
  ],
  [
    "regex_search(name, r'a++')",
    "expression 1:1 \"regex_search(name, r'a++')\": this is no regular expression: possessive ++ is not supported | The syntax is Python's, as in Ansible; in YAML, put it in single quotes.",
  ],
  [
    "regex_search(name, 'x', 'y')",
    'expression 1:1 "regex_search(name, \'x\', \'y\')": regex_search: a group is given as \\1 or \\g<name>, not as "y" | In expressions write r"\\1": a plain text would need two backslashes.',
  ],
  [
    "search('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '^(a+)+$')",
    "expression 1:1 \"search('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '^(a+)+$')\": the regular expression takes longer than 300 ms on this text of 41 characters | Repetition inside repetition, as in (a+)+, explodes: write it without.",
  ],
  [
    "to_datetime('yesterday')",
    'expression 1:1 "to_datetime(\'yesterday\')": to_datetime: "yesterday" is not of the form %Y-%m-%d %H:%M:%S | Give the form behind it, as in to_datetime(x, "%d.%m.%Y").',
  ],
  [
    "strftime('%Q', 0, true)",
    'expression 1:1 "strftime(\'%Q\', 0, true)": a date has no %Q | Known are %Y %C %m %d %e %H %I %k %l %M %S %p %P %y %j %U %W %V %G %g %w %u %f %s %Z %z %A %a %B %b %h %n %t %% %F %T %R %r %D %c %x %X.',
  ],
  [
    'int(5, 0, 10, 1)',
    'expression 1:1 "int(5, 0, 10, 1)": "int" takes 1 to 3 arguments, not 4 | int(value: any, default?: any, base?: number): A whole number, cut off, out of a number or a text of digits; the default, 0 unless given, for anything else.',
  ],
  [
    "ipaddr('10.0.0.1', 'nettmask')",
    'expression 1:1 "ipaddr(\'10.0.0.1\', \'nettmask\')": ipaddr knows no query "nettmask" | Did you mean "netmask"?',
  ],
  [
    "ipmath('10.0.0', 1)",
    'expression 1:1 "ipmath(\'10.0.0\', 1)": "10.0.0" is no address or network | Write one like 10.96.0.0/16, 192.168.1.26 or fd00::/64.',
  ],
  [
    "cidrContains('10.0.0.0/33', name)",
    'expression 1:1 "cidrContains(\'10.0.0.0/33\', name)": "10.0.0.0/33" is no address or network | Write one like 10.96.0.0/16, 192.168.1.26 or fd00::/64.',
  ],
  [
    'from_json(\'{"a":\')',
    'expression 1:1 "from_json(\'{\\"a\\":\')": from_json: this is no JSON: Unexpected end of JSON input | Look at the text: is it complete, and is nothing printed before it?',
  ],
  [
    "from_yaml('a: [')",
    'expression 1:1 "from_yaml(\'a: [\')": from_yaml: line 1 is no YAML: this [ is never closed | Close it with ]; a text that begins with [ must be quoted.',
  ],
  [
    "b64decode('abc')",
    'expression 1:1 "b64decode(\'abc\')": b64decode: this is no base64 | Base64 has letters, digits, + and /, and = at its end to make groups of four.',
  ],
  [
    "hash(name, 'sha257')",
    'expression 1:1 "hash(name, \'sha257\')": hash knows no algorithm sha257 | Usual ones are sha256, sha512, sha1, md5.',
  ],
  [
    "password_hash(name, 'bcrypt')",
    'expression 1:1 "password_hash(name, \'bcrypt\')": password_hash knows no type bcrypt | Known are sha512, sha256 and md5.',
  ],
  [
    "password_hash(name, 'sha512', 'ä')",
    "expression 1:1 \"password_hash(name, 'sha512', 'ä')\": password_hash: the salt has other characters than letters, digits, . and / | Leave it out, and one is made.",
  ],
  [
    "version('1.0', 'x.y', '>')",
    'expression 1:1 "version(\'1.0\', \'x.y\', \'>\')": the versions "1.0" and "x.y" cannot be compared: 1 stands where the other has x | versionCompare(a, "<", b) copes with words and pre-releases.',
  ],
  [
    "version('1.0', '1.1', '=>')",
    "expression 1:1 \"version('1.0', '1.1', '=>')\": versions cannot be compared with \"=>\" | Use one of == != < <= > >=.",
  ],
  [
    "version('1.0', '2', '<', with({'version_type': 'semver'}))",
    "expression 1:1 \"version('1.0', '2', '<', with({'version_type': 'semver'}))\": \"1.0\" is no semantic version | Semantic versions are like 1.2.3, 1.2.3-rc.1 or 1.2.3+build.",
  ],
  [
    "versionCompare('1.0', '~', '1.1')",
    "expression 1:1 \"versionCompare('1.0', '~', '1.1')\": versions cannot be compared with \"~\" | Use one of == != < <= > >=.",
  ],
  ["map(words, 'uper')", 'expression 1:1 "map(words, \'uper\')": there is no function "uper" | Did you mean "upper"?'],
  [
    "map(users, 'name')",
    'expression 1:1 "map(users, \'name\')": there is no function "name" | To take a key of every item, write attribute="name"; in expressions list.map(x, x.name).',
  ],
  ['users.map(u, u.uid)', 'undefined-variable 1:16 "uid": no key "uid" in "u" | It has name.'],
  [
    "map(users, with({'attribute': 'uid'}))",
    "expression 1:1 \"map(users, with({'attribute': 'uid'}))\": map: an item has no uid (it is a map) | Every item must have it; in expressions, filter(x, has(x.key)) leaves the others out.",
  ],
  [
    "select(words, 'mtch', 'a')",
    'expression 1:1 "select(words, \'mtch\', \'a\')": there is no test "mtch" | Did you mean "match"?',
  ],
  [
    'sort(users)',
    'expression 1:1 "sort(users)": sort cannot compare a map with a map | All must be numbers, or all texts; maps need the attribute to compare by.',
  ],
  [
    "sort([1, 'a'])",
    'expression 1:1 "sort([1, \'a\'])": sort cannot compare the text "a" with the number 1 | All must be numbers, or all texts; maps need the attribute to compare by.',
  ],
  [
    'sum(words)',
    'expression 1:1 "sum(words)": sum needs numbers, and one item is the text "a" | int converts texts to numbers.',
  ],
  [
    'first([])',
    'undefined-variable 1:1 "first([])": first gives nothing: the list is empty | Guard it with a condition on its size, or write default(first(…), …).',
  ],
  [
    'max([])',
    'undefined-variable 1:1 "max([])": max gives nothing: the list is empty | Guard it with a condition on its size, or write default(max(…), …).',
  ],
  [
    'combine(config, words)',
    'expression 1:1 "combine(config, words)": combine needs maps, and this is the text "a" | combine(map, map, …); true behind them combines maps inside maps too, then "append" appends lists.',
  ],
  [
    "combine(config, config, with({'recursve': true}))",
    'expression 1:1 "combine(config, config, with({\'recursve\': true}))": combine has no argument called recursve; it has maps, recursive, list_merge | Did you mean "recursive"?',
  ],
  [
    "combine(config, with({'list_merge': 'add'}))",
    'expression 1:1 "combine(config, with({\'list_merge\': \'add\'}))": combine knows no list_merge "add" | Known are replace, keep, append, prepend, append_rp, prepend_rp.',
  ],
  [
    'items2dict(users)',
    'expression 1:1 "items2dict(users)": items2dict: an item has no key (it is a map) | Every item must have it; in expressions, filter(x, has(x.key)) leaves the others out.',
  ],
  [
    "subelements(users, 'keys')",
    'expression 1:1 "subelements(users, \'keys\')": subelements: an item has no keys (it is a map) | Every item must have it; in expressions, filter(x, has(x.key)) leaves the others out.',
  ],
  ['random([])', 'expression 1:1 "random([])": random of an empty list | Guard it with a condition.'],
  ['range(0, 5, 0)', 'expression 1:1 "range(0, 5, 0)": range needs a step other than 0 | Leave the step out for 1.'],
  [
    'batch(words, 0)',
    'expression 1:1 "batch(words, 0)": batch needs a whole number of 1 or more | Give a positive number.',
  ],
  [
    "human_to_bytes('10 X')",
    'expression 1:1 "human_to_bytes(\'10 X\')": human_to_bytes cannot read "10 X" | Units are B, K, M, G, T, P, E, Z and Y.',
  ],
  [
    "format('%s %s', 'a')",
    "expression 1:1 \"format('%s %s', 'a')\": format has no value for %s | Give a value for each % in the text.",
  ],
  ["format('%d', name)", 'expression 1:1 "format(\'%d\', name)": format needs a number for %d | Use %s for texts.'],
  [
    "comment(name, 'html')",
    'expression 1:1 "comment(name, \'html\')": comment knows no style "html" | Known are plain, erlang, c, cblock, xml; decoration gives one of your own.',
  ],
  [
    "urlsplit('http://a', 'prot')",
    "expression 1:1 \"urlsplit('http://a', 'prot')\": a URL has no prot | It has scheme, netloc, path, query, fragment, username, password, hostname, port.",
  ],
  [
    "duration('1 hour')",
    'expression 1:1 "duration(\'1 hour\')": "1 hour" is no duration | Write it like 90s, 1h30m or 500ms.',
  ],
  [
    "timestamp('2026-13-45')",
    'expression 1:1 "timestamp(\'2026-13-45\')": "2026-13-45" is no date | Give seconds since 1970, or a text like 2026-01-31T12:00:00Z; to_datetime reads other forms.',
  ],
  [
    "file('no/such/file')",
    'expression 1:1 "file(\'no/such/file\')": file: there is no file "no/such/file" | Looked for in /playbook/files, /playbook.',
  ],
  ["lookup('flie', 'x')", 'expression 1:1 "lookup(\'flie\', \'x\')": there is no lookup "flie" | Did you mean "file"?'],
  [
    "lookup('ini', 'x')",
    'expression 1:1 "lookup(\'ini\', \'x\')": there is no lookup "ini" | Known are file, env, fileglob, pipe, lines, password, vars, template, first_found, dict.',
  ],
  [
    "pipe('echo bad >&2; false')",
    'expression 1:1 "pipe(\'echo bad >&2; false\')": pipe: spawnSync /bin/sh ENOENT | It runs on the controller, in sh.',
  ],
  ["vars('prot')", 'expression 1:1 "vars(\'prot\')": vars: "prot" is not defined | Did you mean "port"?'],
  [
    "password('/tmp/x lenght=3')",
    'expression 1:1 "password(\'/tmp/x lenght=3\')": password knows no option lenght | Known are length, chars, encrypt and seed.',
  ],
  [
    "first_found('/no/a', '/no/b')",
    'expression 1:1 "first_found(\'/no/a\', \'/no/b\')": first_found: none of "/no/a", "/no/b" is there | Looked for in /playbook/files, /playbook; skip=true gives null instead.',
  ],
  [
    'mandatory(missing)',
    'expression 1:1 "mandatory(missing)": a mandatory value is not defined | Define it in the inventory, a vars file or with -e.',
  ],
  [
    "mandatory(missing, 'say which port')",
    'expression 1:1 "mandatory(missing, \'say which port\')": say which port | Define it in the inventory, a vars file or with -e.',
  ],
  [
    'name + port',
    'expression 1:1 "name + port": the text "web1" + the number 8080 means nothing | Both sides must be numbers, texts or lists: string(x) and int(x) convert.',
  ],
  [
    'name - 1',
    'expression 1:1 "name - 1": the text "web1" - the number 1 means nothing | Both sides must be numbers: int(x) converts a text.',
  ],
  [
    "port > '80'",
    'expression 1:1 "port > \'80\'": the number 8080 > the text "80" means nothing | Compare two numbers or two texts: int(x) and string(x) convert.',
  ],
  [
    'ready && port',
    'expression 1:10 "port": each side of && must be true or false, and this is the number 8080 | Say what is meant: port != 0, or bool(port).',
  ],
  [
    '!name',
    'expression 1:2 "name": what ! stands before must be true or false, and this is the text "web1" | Say what is meant: size(name) > 0, or bool(name).',
  ],
  ['port / 0', 'expression 1:1 "port / 0": division by zero | Guard it: x != 0 ? y / x : 0.'],
  [
    'name in port',
    'expression 1:1 "name in port": the text "web1" in the number 8080 means nothing | The right side of "in" is a list, a map or a text.',
  ],
  [
    "'abc",
    'expression 1:1 "\'abc": unterminated string | Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
  ],
  ['name ==', 'expression 1:8 "": the expression ends too early | Something is missing at its end.'],
  ["name = 'web1'", 'expression 1:6 "=": one = compares nothing | Write == for "is equal".'],
  ['(name', 'expression 1:6 "": ) is missing | Close what was opened before.'],
  [
    'words.filter(w, w)',
    'expression 1:17 "w": the condition of filter must be true or false, and this is the text "a" | Say what is meant: size(w) > 0, or bool(w).',
  ],
  [
    "words.map('x', x)",
    'expression 1:11 "\'x\'": map(var, transform) invalid predicate iteration variable | Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
  ],
  [
    "split(name, '')",
    'expression 1:1 "split(name, \'\')": split: the separator is empty | list(x) gives the characters.',
  ],
  [
    'name.upper',
    'undefined-variable 1:6 "upper": "name" is the text "web1" and has no key "upper" | upper is a function: upper(name), in templates {{upper name}}.',
  ],
  ['True', 'undefined-variable 1:1 "True": "True" is not defined | write true'],
  ["config['pth']", 'undefined-variable 1:8 "\'pth\'": no key "pth" in "config" | Did you mean "path"?'],
  ['result.stdut', 'undefined-variable 1:8 "stdut": no key "stdut" in "result" | Did you mean "stdout"?'],
  ['5 | string', 'expression 1:1 "5 | string": "5 | string" is Jinja2; expressions here are CEL | write string(5)'],
  [
    'name is defined and port > 1',
    'expression 1:1 "name is defined": "name is defined" is Jinja2; expressions here are CEL | write defined(name) && port > 1',
  ],
  ['not ready', 'expression 1:1 "not": "not" is Jinja2; expressions here are CEL | write !ready'],
  [
    "name if ready else 'x'",
    "expression 1:1 \"name if ready else 'x'\": \"name if ready else 'x'\" is Jinja2; expressions here are CEL | write ready ? name : 'x'",
  ],
  [
    "config.path ~ '/x'",
    "expression 1:1 \"config.path ~ '/x'\": \"config.path ~ '/x'\" is Jinja2; expressions here are CEL | write string(config.path) + '/x'",
  ],
  [
    "words | join(', ')",
    "expression 1:1 \"words | join(', ')\": \"words | join(', ')\" is Jinja2; expressions here are CEL | write join(words, ', ')",
  ],
  [
    'port | int + 1',
    'expression 1:1 "port | int": "port | int" is Jinja2; expressions here are CEL | write int(port) + 1',
  ],
  [
    'items.0',
    'expression 1:7 "0": expected a name, got a number | Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
  ],
  [
    "with({'a': 1})",
    'expression 1:1 "with({\'a\': 1})": there is no function "with" | tsplay doc --functions lists them.',
  ],
]
const templates: readonly (readonly [text: string, told: string])[] = [
  ['{{nam}}', 'undefined-variable 1:3 "nam": "nam" is not defined | Did you mean "name"?'],
  [
    '{{ name | uper }}',
    'template 1:1 "{{ name | uper }}": "name | uper" is Jinja2; templates here are Handlebars | write {{uper name}}',
  ],
  [
    '{{ name | default("x") }}',
    'template 1:1 "{{ name | default(\\"x\\") }}": "name | default("x")" is Jinja2; templates here are Handlebars | write {{default name "x"}}',
  ],
  [
    '{{name.upper}}',
    'undefined-variable 1:3 "name.upper": "name" is the text "web1" and has no key "upper" | upper is a function: upper(name), in templates {{upper name}}.',
  ],
  ['{{uper name}}', 'template 1:3 "uper": there is no function "uper" | Did you mean "upper"?'],
  ['{{upper}}', 'undefined-variable 1:3 "upper": "upper" is not defined | upper is a function: give it arguments'],
  [
    '{{upper name port port}}',
    'template 1:3 "upper name port port": "upper" takes 1 argument, not 3 | upper(value: text): In upper case.',
  ],
  [
    '{{join words sep=","}}',
    'template 1:3 "join words sep=\\",\\"": join has no argument called sep; it has list, separator, attribute | join(list: list|text, separator?: text, attribute?: text): The items as one text, with the separator between them (none unless given).',
  ],
  [
    '{{ words[0] }}',
    'template 1:4 "w": the template cannot be read here: a name or a text or a number is expected | write {{words.[0]}}',
  ],
  [
    '{{words.0}} {{words.5}}',
    'undefined-variable 1:15 "words.5": "words" has no item 5: it is a list of 2 | Items are counted from 0.',
  ],
  ['{{config.pth}}', 'undefined-variable 1:3 "config.pth": no key "pth" in "config" | Did you mean "path"?'],
  [
    '{{ port + 1 }}',
    'template 1:1 "{{ port + 1 }}": "port + 1" is Jinja2; templates here are Handlebars | write {{add port 1}}',
  ],
  ['{{#if ready}}x', 'template 1:1 "{{#if": {{#if}} is never closed | Close it with {{/if}}.'],
  [
    '{{#if ready}}x{{/each}}',
    'template 1:4 "if": {{#if}} is closed by {{/each}} | Write {{/if}}, or close what is inside first.',
  ],
  [
    '{{/if}}',
    'template 1:1 "{{/": this closes a block that was not opened | Remove it, or open the block with {{#…}}.',
  ],
  [
    '{{else}}',
    'template 1:1 "{{else}}": the template cannot be read here: the end is expected | Handlebars reads {{name}}, {{f name "text"}}, {{#if x}}…{{/if}}.',
  ],
  [
    '{{#if ready port}}x{{/if}}',
    'template 1:4 "if": #if takes one value, not 2 | Put a call in brackets: {{#if (ready port)}}.',
  ],
  ['{{#if}}x{{/if}}', 'template 1:4 "if": #if takes one value, not 0 | Write {{#if x}}…{{/if}}.'],
  [
    '{{#each name}}x{{/each}}',
    'template 1:9 "name": #each goes through a list or a map, and name is the text "web1" | split makes a list of a text; #if asks whether something is true.',
  ],
  [
    '{{#each users}}{{uid}}{{/each}}',
    'undefined-variable 1:18 "uid": the item here (a map) has no "uid" | Inside #each and #with, names are looked up in the item; @root.uid is the variable.',
  ],
  [
    '{{#each words}}{{name}}{{/each}}',
    'undefined-variable 1:18 "name": the item here (the text "a") has no "name" | Inside #each and #with, names are looked up in the item; @root.name is the variable.',
  ],
  [
    '{{#each words}}{{../nam}}{{/each}}',
    'undefined-variable 1:18 "../nam": "nam" is not defined | Did you mean "name"?',
  ],
  [
    '{{@index}}',
    'template 1:3 "@index": @index means nothing here | @index, @key, @first and @last exist inside #each; @root everywhere.',
  ],
  ['{{> nope}}', 'template 1:1 "{{> nope}}": there is no partial "nope" | Put nope.hbs beside this template.'],
  ['{{> header}}', 'undefined-variable 1:5 "nme": "nme" is not defined | Did you mean "name"?'],
  [
    '{{> (lookup config "path")}}',
    'template 1:1 "{{> (lookup config \\"path\\")}}": a partial must be named by a word | Choose between partials with {{#if}}.',
  ],
  [
    '{{#if ready == true}}x{{/if}}',
    'template 1:1 "{{#if ready == true}}": "ready == true" is Jinja2; templates here are Handlebars | write {{#if (eq ready true)}}',
  ],
  [
    '{{#if name is defined}}x{{/if}}',
    'template 1:7 "name is defined": "name is defined" is Jinja2; templates here are Handlebars | write {{#if (defined name)}}',
  ],
  [
    '{{#if not ready}}x{{/if}}',
    'template 1:7 "not ready": "not ready" is Jinja2; templates here are Handlebars | write {{#if (not ready)}}',
  ],
  [
    '{% if ready %}x{% endif %}',
    'template 1:1 "{% if ready %}": "{% if ready %}" is Jinja2; templates here are Handlebars | write {{#if x}}…{{/if}}; {{"{%"}} gives the characters themselves.',
  ],
  [
    '{{ name',
    'template 1:1 "{{": these braces are not closed | Close them with }}, or write \\{{ for braces that are text.',
  ],
  [
    '{{{name}}',
    'template 1:8 "}}": the template cannot be read here: }}} or ( or a name is expected | Handlebars reads {{name}}, {{f name "text"}}, {{#if x}}…{{/if}}.',
  ],
  [
    '{{ "a" "b" }}',
    'template 1:4 "\\"a\\"": "a" is no function | The first word in braces is a variable or a function.',
  ],
  [
    '{{(upper name) 1}}',
    'template 1:3 "(": the template cannot be read here: a name or a text or a number is expected | Handlebars reads {{name}}, {{f name "text"}}, {{#if x}}…{{/if}}.',
  ],
  [
    '{{#upper}}x{{/upper}}',
    'undefined-variable 1:4 "upper": "upper" is not defined | upper is a function: give it arguments',
  ],
  [
    "{{ lookup('env', 'HOME') }}",
    'template 1:1 "{{ lookup(\'env\', \'HOME\') }}": "lookup(\'env\', \'HOME\')" is Jinja2; templates here are Handlebars | write {{lookup "env" "HOME"}}',
  ],
  [
    '{{ name.split("e")[0] }}',
    'template 1:1 "{{ name.split(\\"e\\")[0] }}": "name.split("e")[0]" is Jinja2; templates here are Handlebars | write {{lookup (split name "e") "0"}}',
  ],
  [
    '{{ a if ready else b }}',
    'template 1:1 "{{ a if ready else b }}": "a if ready else b" is Jinja2; templates here are Handlebars | write {{ternary ready a b}}',
  ],
  [
    '{{regex_replace name "(" ""}}',
    'template 1:3 "regex_replace name \\"(\\" \\"\\"": this is no regular expression: unterminated group | The syntax is Python\'s, as in Ansible; in YAML, put it in single quotes.',
  ],
  [
    '{{file "no/such"}}',
    'template 1:3 "file \\"no/such\\"": file: there is no file "no/such" | Looked for in /playbook/files, /playbook.',
  ],
  [
    '{{#*inline "x"}}{{/inline}}',
    'template 1:1 "{{#*inline \\"x\\"}}{{/inline}}": decorators are not supported | Use a partial file.',
  ],
  ['{{with (dict a=1)}}', 'template 1:3 "with": there is no function "with" | It is a block: {{#with x}}…{{/with}}.'],
  ['{{each words}}', 'template 1:3 "each": there is no function "each" | It is a block: {{#each x}}…{{/each}}.'],
  [
    '{{# comment #}}',
    'template 1:2 "{# comment #}": "{# comment #}" is Jinja2; templates here are Handlebars | write {{!-- … --}}',
  ],
  [
    '{# a comment #}{{nam}}',
    'template 1:1 "{# a comment #}": "{# a comment #}" is Jinja2; templates here are Handlebars | write {{!-- … --}}',
  ],
  [
    '{{to_nice_yaml config indnt=2}}',
    'template 1:3 "to_nice_yaml config indnt=2": to_nice_yaml has no argument called indnt; it has value, indent, width, sort_keys | Did you mean "indent"?',
  ],
  [
    '{{upper (lower words)}}',
    'template 1:10 "lower words": lower needs a text as its value, and this is a list of 2 | lower(value: text): In lower case.',
  ],
  [
    '{{ config["path"] }}',
    'template 1:4 "c": the template cannot be read here: a name or a text or a number is expected | write {{config.path}}',
  ],
  ['{{-name-}}', 'template 1:1 "{{-": "{{-" is Jinja2; templates here are Handlebars | write {{~'],
  [
    '{{ inventory_hostname }}',
    'undefined-variable 1:4 "inventory_hostname": "inventory_hostname" is not defined | Define it, or write {{default inventory_hostname "…"}}.',
  ],
  [
    '{{loop.index}}',
    'undefined-variable 1:3 "loop.index": "loop" is not defined | Inside {{#each}}, loop.index0 is @index, loop.first @first, loop.last @last.',
  ],
  ['{{- name -}}', 'template 1:1 "{{-": "{{-" is Jinja2; templates here are Handlebars | write {{~'],
  ['a{{name -}} b', 'template 1:9 "-}}": "-}}" is Jinja2; templates here are Handlebars | write ~}}'],
  [
    '{# only a comment #}',
    'template 1:1 "{# only a comment #}": "{# only a comment #}" is Jinja2; templates here are Handlebars | write {{!-- … --}}',
  ],
  [
    '{{#unless ready}}a{{else if port}}b{{/if}}',
    'template 1:4 "unless": {{#unless}} is closed by {{/if}} | Write {{/unless}}, or close what is inside first.',
  ],
]
const conditions: readonly (readonly [text: string, told: string])[] = [
  [
    'name',
    'expression 1:1 "name": a condition must be true or false, and this is the text "web1" | Say what is meant: name != "", or bool(name).',
  ],
  [
    'words',
    'expression 1:1 "words": a condition must be true or false, and this is a list of 2 | Say what is meant: size(words) > 0.',
  ],
  [
    'port',
    'expression 1:1 "port": a condition must be true or false, and this is the number 8080 | Say what is meant: port != 0.',
  ],
  [
    "'yes'",
    'expression 1:1 "\'yes\'": a condition must be true or false, and this is the text "yes" | Write bool(\'yes\').',
  ],
  [
    'nothing',
    'expression 1:1 "nothing": a condition must be true or false, and this is null | Say what is meant: nothing != null.',
  ],
  [
    'config',
    'expression 1:1 "config": a condition must be true or false, and this is a map | Say what is meant: size(config) > 0.',
  ],
  [
    'ready and name == "web1"',
    'expression 1:7 "and": "and" is Jinja2; expressions here are CEL | write ready && name == "web1"',
  ],
  [
    '{{ ready }}',
    'expression 1:1 "{{ ready }}": "{{ ready }}" is Jinja2; expressions here are CEL | write without braces: ready',
  ],
  [
    'ready == "true" or',
    'expression 1:17 "or": unexpected character: \'r\' | Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
  ],
  ['result.rc = 0', 'expression 1:11 "=": one = compares nothing | Write == for "is equal".'],
  [
    'result is succeeded',
    'expression 1:1 "result is succeeded": "result is succeeded" is Jinja2; expressions here are CEL | write succeeded(result)',
  ],
  [
    "name is not match('web')",
    "expression 1:1 \"name is not match('web')\": \"name is not match('web')\" is Jinja2; expressions here are CEL | write !match(name, 'web')",
  ],
]

describe('mistakes in expressions', () => {
  for (const [text, told] of expressions) {
    it(text, () => expect(outcome(() => compileExpression(text, textPlace(text)).evaluate(scope))).to.equal(told))
  }
})

describe('mistakes in conditions', () => {
  for (const [text, told] of conditions) {
    it(text, () => {
      const node = { kind: 'scalar', value: text, text, style: 'plain', ...textPlace(text) } as const
      expect(outcome(() => evaluateCondition(node, scope))).to.equal(told)
    })
  }
})

describe('mistakes in templates', () => {
  const partials = (name: string) => (name === 'header' ? new Source('header.hbs', '# {{nme}}\n') : undefined)
  for (const [text, told] of templates) {
    it(text, () => {
      expect(outcome(() => compileTemplate(text, textPlace(text), { partials }).renderText(scope))).to.equal(told)
    })
  }
})
