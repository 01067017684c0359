import { posix } from 'node:path'
import { globPattern } from '../base/glob.ts'
import { Misgiven } from '../base/misgiven.ts'
import { Problem } from '../base/problem.ts'
import { Unknown } from '../base/unknown.ts'
import type { Reply } from '../wire/connection.ts'
import { quote } from '../wire/quote.ts'
import type { Effect } from './effect.ts'
import { identity } from './reads/identity.ts'
import type { Step } from './step.ts'
import { exec } from './steps/exec.ts'
import type { Host } from './view.ts'
import { expandingWord, OpenQuote, splitWords, takeOptions } from './words.ts'

/** The parameters that command and shell share. */
export const opaqueParams = {
  _raw_params: { type: 'string', description: 'The command itself, as the words after the module.' },
  cmd: { type: 'string', description: 'The command itself.' },
  chdir: { type: 'string', description: 'The folder to run it in.' },
  creates: {
    type: 'string',
    description: 'Not run when this exists (a path, or a pattern with * ? []). Makes the command decidable.',
  },
  removes: { type: 'string', description: 'Run only when this exists.' },
  stdin: { type: 'string', binary: true, description: 'What it reads from its standard input.' },
  stdin_add_newline: { type: 'boolean', default: true, description: 'End stdin with a line end.' },
  strip_empty_ends: {
    type: 'boolean',
    default: true,
    description: 'Leave out empty lines at the end of stdout and stderr.',
  },
} as const

export interface OpaqueParams {
  readonly _raw_params?: string | undefined
  readonly cmd?: string | undefined
  readonly argv?: readonly unknown[] | undefined
  readonly chdir?: string | undefined
  readonly creates?: string | undefined
  readonly removes?: string | undefined
  readonly stdin?: string | undefined
  readonly stdin_add_newline: boolean
  readonly strip_empty_ends: boolean
  readonly executable?: string | undefined
  readonly expand_argument_vars?: boolean | undefined
}

/** The options inside a free form become parameters; `cmd` is then the command. Throws bad-parameter. */
export function normalizeOpaque(module: string, params: OpaqueParams): OpaqueParams {
  const forms = [params._raw_params, params.cmd, params.argv].filter((form) => form !== undefined)
  if (forms.length !== 1) {
    const said = forms.length === 0 ? 'needs a command' : 'takes one command, not several'
    throw new Problem(
      'bad-parameter',
      `"${module}" ${said}: as free form, ${module === 'command' ? 'cmd, or argv' : 'or cmd'}.`,
      { hint: `Write it on the line: "${module}: …".` },
    )
  }
  if (params._raw_params === undefined) return nonEmpty(module, params)
  const { options, rest } = takeOptions(params._raw_params)
  const { stdin_add_newline: newline, strip_empty_ends: strip, ...texts } = options
  return nonEmpty(module, {
    ...params,
    ...texts,
    ...(newline === undefined ? {} : { stdin_add_newline: isTrue(newline) }),
    ...(strip === undefined ? {} : { strip_empty_ends: isTrue(strip) }),
    _raw_params: undefined,
    cmd: rest,
  })
}

/** Throws bad-parameter for words that are no command. */
export function opaqueDemand(module: string, given: OpaqueParams): void {
  // What the shell reads is for the shell to judge.
  for (const name of ['_raw_params', 'cmd'] as const)
    if (module !== 'shell' && given[name] !== undefined) closed(name, given[name])
  normalizeOpaque(module, given)
}

function closed(parameter: string, text: string): void {
  try {
    splitWords(text)
  } catch (thrown) {
    if (!(thrown instanceof OpenQuote)) throw thrown
    const { message, hint, index } = thrown
    throw new Misgiven(parameter, message, { range: { start: index, end: index + 1 }, ...(hint ? { hint } : {}) })
  }
}

function nonEmpty(module: string, params: OpaqueParams): OpaqueParams {
  if (params.cmd?.trim() === '' || params.argv?.length === 0)
    throw new Problem('bad-parameter', `"${module}" was given no command.`, {
      hint: `Write it on the line: "${module}: …".`,
    })
  return params
}

const isTrue = (word: string) => /^(yes|on|true|1|y|t)$/i.test(word)

export interface OpaqueState {
  /** With `~` and relative names resolved against chdir, where they are given. */
  readonly chdir?: string | undefined
  readonly chdirThere: boolean
  readonly createsPath?: string | undefined
  readonly createsThere?: boolean | undefined
  readonly removesThere?: boolean | undefined
}

/** What decides whether the command runs at all. */
export async function lookForOpaque(host: Host, params: OpaqueParams): Promise<OpaqueState> {
  const home = [params.chdir, params.creates, params.removes].some(
    (path) => path !== undefined && !path.startsWith('/'),
  )
    ? (await host.read(identity, '')).home || '/'
    : '/'
  const absolute = (path: string, from: string) =>
    posix.resolve(from, path === '~' ? home : path.replace(/^~\//, `${home}/`))
  const chdir = params.chdir === undefined ? undefined : absolute(params.chdir, home)
  const place = (path: string | undefined) => (path === undefined ? undefined : absolute(path, chdir ?? home))
  const createsPath = place(params.creates)
  const removesPath = place(params.removes)
  const [folder, creates, removes] = await Promise.all([
    chdir === undefined ? undefined : host.stat(chdir, { follow: true }),
    createsPath === undefined ? undefined : exists(host, createsPath),
    removesPath === undefined ? undefined : exists(host, removesPath),
  ])
  return {
    chdir,
    chdirThere: folder === undefined || folder?.type === 'directory',
    createsPath,
    createsThere: creates,
    removesThere: removes,
  }
}

/** A path, or a pattern: patterns in the last part go by the folder's names, so predictions count; others by the shell's globbing. */
async function exists(host: Host, path: string): Promise<boolean> {
  if (!/[*?[]/.test(path)) return (await host.stat(path, { follow: true })) !== null
  const folder = posix.dirname(path)
  if (!/[*?[]/.test(folder)) {
    const names = (await host.list(folder)) ?? []
    const base = posix.basename(path)
    const pattern = globPattern(base)
    // To a shell a pattern without a dot finds no name with one in front.
    return names.some((name) => (base.startsWith('.') || !name.startsWith('.')) && pattern.test(name))
  }
  const words = path
    .split(/([*?]|\[[^\]]*\])/)
    .map((part, index) => (index % 2 === 1 ? part : part === '' ? '' : quote(part)))
  const reply = await host.query(`for f in ${words.join('')}; do if [ -e "$f" ]; then exit 0; fi; done; exit 1`)
  return reply.status === 0
}

/** Ansible's result when it need not run; undefined when it must. */
export function needless(state: OpaqueState, params: OpaqueParams): Record<string, unknown> | undefined {
  const said = (path: string | undefined, fact: string) => ({
    rc: 0,
    msg: `Did not run command since '${path}' ${fact}`,
    stdout: `skipped, since ${path} ${fact}`,
    stdout_lines: [`skipped, since ${path} ${fact}`],
    stderr: '',
    stderr_lines: [],
  })
  if (state.createsThere) return said(params.creates, 'exists')
  return state.removesThere === false ? said(params.removes, 'does not exist') : undefined
}

/** The one step: the command as the user wrote it, its status and output data for `opaqueResult`. */
export function opaqueStep(show: string, command: string, state: OpaqueState, params: OpaqueParams): Step {
  // Opened, then removed: `exec` below leaves no one to clean up.
  const lines = params.stdin === undefined ? [] : ['exec <"$1"', 'rm -f -- "$1"']
  if (state.chdir !== undefined) lines.push(`cd -- ${quote(state.chdir)} || exit 1`)
  lines.push('set --', command)
  const why = `"${show}" may have changed it`
  const effects: Effect[] = [{ outdates: 'everything', why }]
  if (state.createsPath !== undefined && !/[*?[]/.test(state.createsPath)) {
    effects.push({
      file: {
        path: state.createsPath,
        type: params.creates!.endsWith('/') ? 'directory' : 'file',
        content: new Unknown(`what "${show}" makes`),
      },
    })
  }
  const text =
    params.stdin === undefined
      ? undefined
      : params.stdin + (params.stdin_add_newline && !params.stdin.endsWith('\n') ? '\n' : '')
  return exec({
    show,
    script: lines.join('\n'),
    effects,
    opaque: true,
    ...(text === undefined ? {} : { send: Buffer.from(text) }),
  })
}

/** `a b "c d"` or a list, as words for the shell that mean exactly these arguments. */
export function argumentWords(params: OpaqueParams): { words: string[]; cmd: string[] } {
  const cmd = params.argv ? params.argv.map(String) : splitWords(params.cmd!).map((word) => word.value)
  return { cmd, words: cmd.map((word) => (params.expand_argument_vars === false ? quote(word) : expandingWord(word))) }
}

/** Ansible's result of a command that ran. */
export function opaqueResult(
  cmd: string | string[],
  reply: Reply,
  params: OpaqueParams,
  started: Date,
  ended: Date,
): Record<string, unknown> {
  const stdout = readable(reply.stdout, params.strip_empty_ends)
  const stderr = readable(reply.stderr, params.strip_empty_ends)
  return {
    changed: true,
    cmd,
    rc: reply.status,
    stdout,
    stdout_lines: lines(stdout),
    stderr,
    stderr_lines: lines(stderr),
    start: timestamp(started),
    end: timestamp(ended),
    delta: duration(ended.getTime() - started.getTime()),
    msg: reply.status === 0 ? '' : 'non-zero return code',
    ...(reply.status === 0 ? {} : { failed: true }),
  }
}

/** Output as text. Bytes that are no UTF-8 show as \xNN, so nothing is lost. */
export function readable(bytes: Buffer, strip: boolean): string {
  let text = bytes.toString('utf8')
  if (text.includes('\uFFFD')) text = escaped(bytes)
  return strip ? text.replace(/[\r\n]+$/, '') : text
}

function escaped(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]! < 0x80 ? 1 : bytes[at]! >= 0xf0 ? 4 : bytes[at]! >= 0xe0 ? 3 : 2
    const part = bytes.subarray(at, at + length)
    const sign = part.toString('utf8')
    const whole = sign.length > 0 && Buffer.compare(Buffer.from(sign), part) === 0
    text += whole ? sign : `\\x${bytes[at]!.toString(16).padStart(2, '0')}`
    at += whole ? length : 1
  }
  return text
}

/** As Python's splitlines: a line end at the end begins no further line. */
function lines(text: string): string[] {
  if (text === '') return []
  const parts = text.split(/\r\n|\r|\n/)
  if (parts.at(-1) === '') parts.pop()
  return parts
}

function timestamp(date: Date): string {
  const two = (number: number, length = 2) => String(number).padStart(length, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}000`
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(milliseconds % 1000).padStart(3, '0')}000`
}
