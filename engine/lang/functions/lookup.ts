import { spawnSync } from 'node:child_process'
import { isAbsolute, join } from 'node:path'
import { globSync } from 'tinyglobby'
import { didYouMean } from '../../base/suggest.ts'
import { TouchedUnknown, Unknown } from '../../base/unknown.ts'
import type { Scope } from '../scope.ts'
import { call } from './call.ts'
import { define, isMap, WrongArgument } from './function.ts'
import { splitLines } from './python-text.ts'
import { atPlaybook, findPath, foldersFor, missing, textOf } from './reading.ts'
import { functionNamed } from './registry.ts'

/** What is not there yet may be made before the task runs; in check mode it is not. */
function orLater(scope: Scope, what: string, error: WrongArgument): Error {
  return scope.controller?.ahead || scope.controller?.check ? new TouchedUnknown(new Unknown(what)) : error
}

function file(scope: Scope, name: string, rstrip = true, lstrip = false): string {
  const path = findPath(scope, name, 'files')
  if (path === undefined)
    throw orLater(scope, `the file "${name}", not there yet`, missing(name, 'file', scope, 'files'))
  const text = textOf(path, 'file')
  const right = rstrip ? text.trimEnd() : text
  return lstrip ? right.trimStart() : right
}

/** What a command of the shell prints, in the playbook's folder. */
function output(scope: Scope, name: string, command: string): string {
  if (scope.controller?.ahead) throw new TouchedUnknown(new Unknown(`the output of "${command}" on the controller`))
  const done = spawnSync('/bin/sh', ['-c', command], {
    cwd: atPlaybook(scope, '.'),
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (done.error)
    throw new WrongArgument(`${name}: ${done.error.message}`, undefined, 'It runs on the controller, in sh.')
  if (done.status !== 0) {
    const how = done.status === null ? `was ended by ${done.signal}` : `ended with status ${done.status}`
    const last = done.stderr.trim().split('\n').at(-1)
    throw new WrongArgument(`${name}: "${command}" ${how}`, undefined, last || 'It said nothing.')
  }
  return done.stdout
}

function glob(scope: Scope, patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const find = (from: string, cwd?: string) =>
      globSync([from], { ...(cwd ? { cwd } : {}), absolute: true, onlyFiles: true, expandDirectories: false }).sort()
    if (isAbsolute(pattern)) return find(pattern)
    for (const folder of foldersFor(scope, 'files')) {
      const found = find(join(folder, pattern))
      if (found.length > 0) return found
    }
    return []
  })
}

function firstFound(scope: Scope, terms: readonly unknown[], named: Partial<Record<string, unknown>>): unknown {
  const listOf = (value: unknown) =>
    (Array.isArray(value) ? value : value === undefined || value === null ? [] : String(value).split(/[,;]/)).map(
      String,
    )
  let skip = named['skip'] === true || named['errors'] === 'ignore'
  const paths = listOf(named['paths'])
  const names = [...terms.flat(), ...listOf(named['files'])].flatMap((term) => {
    if (!isMap(term)) return [{ name: String(term), paths }]
    skip ||= term['skip'] === true
    const own = listOf(term['paths'])
    return listOf(term['files']).map((name) => ({ name, paths: own.length > 0 ? own : paths }))
  })
  for (const { name, paths: folders } of names) {
    for (const one of folders.length > 0 ? folders.map((folder) => join(folder, name)) : [name]) {
      const found = findPath(scope, one, 'files') ?? findPath(scope, one, 'templates') ?? findPath(scope, one, 'vars')
      if (found !== undefined) return found
    }
  }
  if (skip) return null
  const all = names.map(({ name }) => `"${name}"`).join(', ')
  const error = new WrongArgument(
    names.length === 0 ? 'first_found is given no file' : `first_found: none of ${all} is there`,
    undefined,
    `Looked for in ${foldersFor(scope, 'files').join(', ')}; skip=true gives null instead.`,
  )
  throw orLater(scope, `the first of ${all} that is there`, error)
}

function variable(scope: Scope, name: string, fallback: unknown): unknown {
  const value = scope.get(name)
  if (value !== undefined) return value
  if (fallback !== undefined) return fallback
  throw new WrongArgument(
    `vars: "${name}" is not defined`,
    undefined,
    didYouMean(name, scope.names()) ?? `Define it, or give a default: vars("${name}", …).`,
  )
}

const reads = [
  'file',
  'env',
  'fileglob',
  'pipe',
  'lines',
  'password',
  'vars',
  'template',
  'first_found',
  'dict',
] as const

/** Ansible's `lookup('env', 'HOME')`: each term by itself, one answer as it is, several as text. */
function byName(scope: Scope, name: string, terms: unknown[], named: Partial<Record<string, unknown>>): unknown[] {
  const bare = name.replace(/^ansible\.builtin\./, '')
  if (bare === 'dict')
    return terms.flatMap((term) => (isMap(term) ? Object.entries(term).map(([key, value]) => ({ key, value })) : []))
  if (bare === 'first_found') return [firstFound(scope, terms, named)].filter((found) => found !== null)
  if (!reads.includes(bare as 'file')) {
    throw new WrongArgument(
      `there is no lookup "${name}"`,
      undefined,
      didYouMean(bare, reads) ?? `Known are ${reads.join(', ')}.`,
    )
  }
  return terms.flat().flatMap((term) => {
    const { default: fallback, ...rest } = named
    const args = bare === 'env' || bare === 'vars' ? [term, ...(fallback === undefined ? [] : [fallback])] : [term]
    const found = call(functionNamed(bare)!, args, scope, bare === 'env' || bare === 'vars' ? undefined : rest)
    return bare === 'fileglob' || bare === 'lines' ? (found as unknown[]) : [found]
  })
}

export const lookups = [
  define('file(path: text, rstrip?: bool, lstrip?: bool)', {
    doc: 'The text of a file on the controller, looked for in the folder files/ of the role and of the playbook; without white space at its end unless rstrip is false.',
    example: ["file('/dev/null')", ''],
    scoped: true,
    impure: true,
    fn: file,
  }),
  define('env(name: text, fallback?: any)', {
    doc: "A variable of tsplay's own environment, on the controller; empty, or the fallback, when it is not set.",
    example: ["env('TSPLAY_NO_SUCH_NAME', 'x')", 'x'],
    fn: (name: string, fallback: unknown = '') => process.env[name] ?? fallback,
  }),
  define('fileglob(...patterns: text)', {
    doc: 'The paths of the files on the controller that fit a pattern, looked for as file does, in order.',
    example: ["fileglob('/etc/pass?d')", ['/etc/passwd']],
    filter: 'fileglob',
    scoped: true,
    impure: true,
    fn: glob,
  }),
  define('pipe(command: text)', {
    doc: "What a command of the controller's shell prints, without white space at its end; run in the playbook's folder, when the task runs, in check mode too.",
    example: ["pipe('echo hello')", 'hello'],
    scoped: true,
    impure: true,
    fn: (scope: Scope, command: string) => output(scope, 'pipe', command).trimEnd(),
  }),
  define('lines(command: text)', {
    doc: 'The same as a list of lines. Of a text that is no command, splitlines gives them.',
    example: ["lines('echo a; echo b')", ['a', 'b']],
    scoped: true,
    impure: true,
    fn: (scope: Scope, command: string) => splitLines(output(scope, 'lines', command)),
  }),
  define('vars(name: text, default?: any)', {
    doc: 'The variable of a name that is computed, or the default.',
    example: ["vars('no_such_name', 5)", 5],
    scoped: true,
    acceptsUnknown: 'inside',
    fn: variable,
  }),
  define('template(path: text, **variables: any)', {
    doc: 'The text of a template file, filled in; looked for in the folder templates/ of the role and of the playbook.',
    example: ["template('motd.hbs')", 'Welcome to web1\n', { inventory_hostname: 'web1' }],
    scoped: true,
    impure: true,
    fn: (scope: Scope, name: string) => {
      const path = findPath(scope, name, 'templates')
      if (path === undefined)
        throw orLater(scope, `the template "${name}", not there yet`, missing(name, 'template', scope, 'templates'))
      if (!scope.controller)
        throw new WrongArgument('template works only while a playbook runs', undefined, 'Use it in a task.')
      return scope.controller.renderFile(path, scope)
    },
  }),
  define('first_found(...files: any, paths?: any, skip?: bool)', {
    doc: 'The path of the first of several files that is there, looked for as file and template do; a map may say files, paths and skip.',
    example: ["first_found('/no/such/file', '/etc/passwd')", '/etc/passwd'],
    scoped: true,
    impure: true,
    fn: (scope: Scope, files: unknown[], paths?: unknown, skip?: boolean) => firstFound(scope, files, { paths, skip }),
  }),
  define('lookup(name: any, ...terms: any, **options: any)', {
    doc: `What one of the functions ${reads.slice(0, -1).join(', ')} gives, spelt as Ansible does: lookup('env', 'HOME'). Of a list or map: the value at a key or index that is computed.`,
    example: ["lookup('env', 'TSPLAY_NO_SUCH_NAME')", ''],
    scoped: true,
    impure: true,
    acceptsUnknown: 'inside',
    fn: (scope: Scope, name: unknown, terms: unknown[], options: Record<string, unknown>) => {
      if (typeof name === 'object' && name !== null) return keyed(name, terms[0])
      const { wantlist, ...named } = options
      const found = byName(scope, String(name), terms, named)
      if (wantlist === true) return found
      return found.length !== 1 && found.every((one) => typeof one === 'string')
        ? found.join(',')
        : found.length === 1
          ? found[0]
          : found
    },
  }),
  define('query(name: text, ...terms: any, **options: any)', {
    doc: 'The same, always as a list.',
    example: ["query('fileglob', '/etc/pass?d')", ['/etc/passwd']],
    aliases: ['q'],
    scoped: true,
    impure: true,
    acceptsUnknown: 'inside',
    fn: byName,
  }),
]

function keyed(value: object, key: unknown): unknown {
  if (Array.isArray(value)) return Number.isInteger(Number(key)) ? value.at(Number(key)) : undefined
  return Object.hasOwn(value, String(key)) ? (value as Record<string, unknown>)[String(key)] : undefined
}
