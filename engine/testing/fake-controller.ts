import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Problem } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { compileExpression } from '../lang/expression.ts'
import { filePlace } from '../lang/place-in-text.ts'
import { plainNode } from '../lang/plain.ts'
import { compileTemplate } from '../lang/template.ts'
import { layer, Variables } from '../lang/variables.ts'
import type { Controller, LocalFile } from '../module/controller.ts'

/** The machine that runs tsplay, said as data. */
export interface FakeControllerData {
  readonly checking?: boolean
  /** The task's variables, for templates, conditions and `variable`. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** By the paths that roles have: `files/logo.png`, `templates/app.conf.hbs`, `vars/web.yml`. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  /** The inventory's name of the task's host; default fake. */
  readonly host?: string
  /** Members that are to be otherwise. */
  readonly other?: Partial<Controller>
}

export interface FakeController extends Controller {
  /** What the module wants masked. */
  readonly secrets: readonly string[]
  readonly warnings: readonly string[]
  /** Milliseconds slept, which take no time. */
  readonly slept: () => number
}

/** A controller made of data. */
export function fakeController(data: FakeControllerData = {}): FakeController {
  const { files = {}, variables = {} } = data
  const scope = new Variables([layer(1, 'the fake controller', variables)])
  const secrets: string[] = []
  const warnings: string[] = []
  let slept = 0
  const pathOf = (name: string, kind: string) =>
    [posix.join(kind, name), posix.normalize(name)].find((path) => Object.hasOwn(files, path))
  const below = (folder: string, kind: string) =>
    [posix.join(kind, folder), posix.normalize(folder)].flatMap((start) => {
      const plain = start.replace(/\/$/, '')
      return Object.keys(files)
        .filter((path) => path.startsWith(`${plain}/`))
        .map((path) => ({ path, relative: path.slice(plain.length + 1) }))
    })
  return {
    checking: data.checking ?? false,
    host: data.host ?? 'fake',
    connection: { kind: 'memory', address: '127.0.0.1', port: 22, user: 'root' },
    playbookDir: '/playbook',
    signal: new AbortController().signal,
    pkiFolder: '/playbook/.tsplay/pki',
    file: async (name, kind) => {
      const path = pathOf(name, kind)
      if (path !== undefined) return localFile(path, files[path]!)
      const wanted = JSON.stringify(posix.join(kind, name))
      throw new Problem('file-missing', `The fake controller has no file ${name}. Add: files: { ${wanted}: '…' }`)
    },
    files: async (folder, kind) =>
      below(folder, kind).map(({ path, relative }) => ({ ...localFile(path, files[path]!), relative })),
    path: async (name, kind) => {
      const starts = [posix.join(kind, name), posix.normalize(name)].map((start) => start.replace(/\/$/, ''))
      const holds = (start: string) => Object.keys(files).some((one) => one.startsWith(`${start}/`))
      const path = pathOf(name, kind) ?? starts.find(holds)
      if (path !== undefined) return posix.join('/playbook', path)
      const wanted = JSON.stringify(posix.join(kind, name))
      throw new Problem('file-missing', `The fake controller has no file ${name}. Add: files: { ${wanted}: '…' }`)
    },
    isFolder: async (name, kind) => below(name, kind).length > 0,
    render: (text, name) => compileTemplate(text, filePlace(new Source(name, text)), {}).renderText(scope),
    condition: (condition) => evaluateCondition(plainNode(condition, 'condition'), scope),
    variable: (name) => {
      const value = /^[A-Za-z_]\w*$/.test(name)
        ? scope.get(name)
        : compileExpression(name, filePlace(new Source('variable', name))).evaluate(scope)
      if (isUnknown(value)) throw new TouchedUnknown(value)
      return value
    },
    secret: (text) => void secrets.push(text),
    warn: (message) => void warnings.push(message),
    sleep: async (milliseconds) => {
      slept += milliseconds
    },
    ...data.other,
    secrets,
    warnings,
    slept: () => slept,
  }
}

function localFile(path: string, content: string | Buffer): LocalFile {
  const bytes = Buffer.from(content)
  return {
    path: posix.join('/playbook', path),
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mode: '0644',
    content: async () => bytes,
  }
}
