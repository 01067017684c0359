import { posix } from 'node:path'
import { IN_OWN } from '../../wire/own-file.ts'
import { quote } from '../../wire/quote.ts'
import type { FileEffect } from '../effect.ts'
import type { Content, Step } from '../step.ts'
import { LABEL } from './label.ts'
import { renamed } from './place.ts'

export interface WriteOptions {
  readonly path: string
  readonly content: Content
  /** Four octal digits; default: as the file it replaces, or 0644. */
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** Keep the old file beside it, as Ansible: `path.PID.date~`; give the name. */
  readonly backup?: string | undefined
  /** A command that must accept the new file before it takes its place; `%s` is the file. */
  readonly validate?: string | undefined
  /** Where it cannot take the target's name (a file that is mounted), write into the target. */
  readonly unsafe?: boolean | undefined
  /** For the line people see, when the content has no size yet. */
  readonly what?: string | undefined
}

/**
 * Writes a whole file: beside its target, owner, mode and label set and flushed to disk before it takes the target's name.
 * An existing file's owner and mode are kept where none are given, its label always; a link at `path` is replaced, as Ansible does not
 * follow: give the link's target to write through it.
 */
export function write(options: WriteOptions): Step {
  const here = (to: string) => (posix.isAbsolute(to) ? quote(to) : `"$tsplay_from"/${quote(to)}`)
  const path = here(options.path)
  const { mode, owner, group } = options
  // Written into, the target takes what has the new file's name: then only in a folder of its own is that the new file.
  const opened = !options.unsafe
  const lines = opened ? [] : [IN_OWN]
  const [file, name] = ['"$tsplay_a"', '"$tsplay_t"']
  // The owner first: chown clears set-user-ID bits, and no program of root's has them for a moment.
  if (owner === undefined || group === undefined) {
    const format = owner === undefined && group === undefined ? '%u:%g' : owner === undefined ? '%u' : ':%g'
    lines.push(`if [ -f ${path} ]; then chown "$(stat -L -c ${format} -- ${path})" ${file} 2>/dev/null || :; fi`)
  }
  if (owner !== undefined || group !== undefined) lines.push(`chown -- ${ownership(options)} ${file}`)
  if (mode !== undefined) lines.push(`chmod ${quote(mode)} ${file}`)
  else lines.push(`if [ -f ${path} ]; then chmod "$(stat -L -c %a -- ${path})" ${file}; else chmod 0644 ${file}; fi`)
  // The shell is in the path's folder, or in one of its own there.
  const named = `"\${PWD%/.tsplay-*}"/${quote(posix.basename(options.path))}`
  lines.push(LABEL, `label ${file} ${named}`)
  lines.push(`sync ${file} 2>/dev/null || :`)
  if (options.validate !== undefined) {
    // A program that is open for writing cannot be run.
    lines.push(
      'exec 3>&-',
      `set -- "\${PWD%/}"/${name}`,
      `( cd -- "$tsplay_from" && { ${withFile(options.validate)}; } ) || { s=$?; echo "the new file was refused by: "${quote(options.validate)} >&2; exit $s; }`,
    )
  }
  // By a rename: cp would write through a link that somebody put there.
  if (options.backup !== undefined)
    lines.push(
      `if [ -e ${path} ]; then cp -pP -- ${path} "$tsplay_k"; label "$tsplay_k" ${named} -h; mv -f -- "$tsplay_k" ${here(options.backup)}; fi`,
    )
  lines.push(
    `if [ -d ${path} ] && [ ! -L ${path} ]; then echo ${quote(`${options.path} is a directory`)} >&2; exit 1; fi`,
  )
  // mv would go into the folder that a link leads to.
  lines.push(`if [ -L ${path} ] && [ -d ${path} ]; then rm -f -- ${path}; fi`)
  const take = `{ ${renamed(name, path)}; }`
  if (options.unsafe)
    lines.push(
      // The owner first: chown clears set-user-ID bits.
      `${take} 2>/dev/null || { chown -- "$(stat -c %u:%g -- ${name})" ${path}; chmod "$(stat -c %a -- ${name})" ${path}; cat -- ${name} >${path}; }`,
    )
  // By itself: a failure before && would not end the script.
  else lines.push(take, 'tsplay_t=')
  const effect: FileEffect = {
    path: options.path,
    type: 'file',
    labelled: true,
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(options.owner === undefined ? {} : { owner: options.owner }),
    ...(options.group === undefined ? {} : { group: options.group }),
    ...contentEffect(options.content),
  }
  return {
    name: 'write',
    show: `write ${options.path} (${options.what ?? size(options.content)})`,
    script: `set -e\n${lines.join('\n')}`,
    send: options.content,
    beside: options.path,
    opened,
    effects: [
      { file: effect },
      ...(options.backup === undefined ? [] : [{ file: { path: options.backup, type: 'file' } satisfies FileEffect }]),
    ],
  }
}

/** The command with the new file's path for each %s; within quotes too, as where a text is filled in before a shell reads it. */
function withFile(command: string): string {
  let quoted = ''
  return command.replace(/\\.|%s|['"]/gs, (sign) => {
    if (sign === '%s') return quoted === "'" ? `'"$1"'` : quoted === '"' ? '$1' : '"$1"'
    if (sign === quoted) quoted = ''
    else if (quoted === '' && sign.length === 1) quoted = sign
    // Within single quotes a backslash is one, and what follows may end them.
    else if (quoted === "'" && sign === "\\'") quoted = ''
    return sign
  })
}

export function ownership(options: { owner?: string | undefined; group?: string | undefined }): string {
  return quote(`${options.owner ?? ''}${options.group === undefined ? '' : `:${options.group}`}`)
}

function contentEffect(content: Content): Partial<FileEffect> {
  if (Buffer.isBuffer(content)) return { content, size: content.length }
  if ('file' in content) return { sha256: content.sha256, size: content.size }
  return { content: content.unknown }
}

function size(content: Content): string {
  if (Buffer.isBuffer(content)) return `${content.length} bytes`
  return 'file' in content ? `${content.size} bytes` : content.unknown.reason
}

/** A backup's name, as Ansible makes it. */
export function backupName(path: string, now: Date, pid: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const stamp = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}@${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  return posix.join(posix.dirname(path), `${posix.basename(path)}.${pid}.${stamp}~`)
}
