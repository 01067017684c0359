import { posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { quote } from '../../wire/quote.ts'
import type { FileEffect } from '../effect.ts'
import type { Step } from '../step.ts'
import { PLACE } from './place.ts'
import { ownership } from './write.ts'

export interface Attributes {
  /** Four octal digits. */
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

/**
 * chmod follows links. Where others may put one in the place of what was looked at, root sets the mode of what it has
 * opened, and only if the name still is that, and no link.
 */
function setMode(mode: string, path: string): string {
  const [file, folder] = [quote(path), quote(posix.dirname(path))]
  return `case $(stat -L -c %u.%a -- ${folder} /proc/self 2>/dev/null) in
  ${SAFE}) chmod -- ${mode} ${file} ;;
  *) { exec 3<${/^[/.]/.test(path) ? file : quote(`./${path}`)}; } && [ "$(stat -L -c %d:%i /proc/self/fd/3)" = "$(stat -c %d:%i -- ${file})" ] ||
      { printf '%s\\n' ${quote(`somebody else changes ${path} while it is in use`)} >&2; exit 1; }
    chmod -- ${mode} /proc/self/fd/3; exec 3<&- ;;
esac`
}

/** Of "owner.mode" lines of a folder and of one's own process: nobody else may write there, or one is not root. */
const SAFE = [
  ...['[0-7][0145][0145]', '[0-7][0-7][0145][0145]'].flatMap((mode) => [`0.${mode}`, `0.${mode}'\n'*`]),
  `*'\n'[1-9]*`,
].join('|')

function attributeLines(path: string, attributes: Attributes, link: boolean): string[] {
  const lines: string[] = []
  if (attributes.owner !== undefined || attributes.group !== undefined)
    lines.push(`chown -h -- ${ownership(attributes)} ${quote(path)}`)
  // After chown, which clears set-user-ID bits. A link has no mode of its own. Five digits: with four, GNU chmod leaves a folder's set-group-ID bit.
  if (attributes.mode !== undefined && !link) lines.push(setMode(attributes.mode.padStart(5, '0'), path))
  return lines
}

function fields(attributes: Attributes): Partial<FileEffect> {
  return Object.fromEntries(
    Object.entries({ mode: attributes.mode, owner: attributes.owner, group: attributes.group }).filter(
      ([, value]) => value !== undefined,
    ),
  )
}

const script = (lines: readonly string[]) => `set -e\n${lines.join('\n')}`

/** Sets mode and owner of what is there. */
export function setAttributes(path: string, attributes: Attributes, options: { link?: boolean } = {}): Step {
  const words = Object.entries(fields(attributes)).map(([name, value]) => `${name} ${value}`)
  return {
    name: 'attributes',
    show: `set ${words.join(', ')} of ${path}`,
    script: script(attributeLines(path, attributes, options.link ?? false)),
    effects: [{ file: { path, type: 'unchanged', ...fields(attributes) } }],
  }
}

/** What to do about a folder that is not there. */
export const makeFirst = (folder: string): string =>
  `A task before this one can make it: "file" with path ${folder} and state directory.`

/**
 * Makes one folder; its parent must be there. With a mode, it never stands open in between. Its SELinux label is the kernel's, as
 * with Ansible's "file", unless the policy's is asked for.
 */
export function makeDirectory(path: string, attributes: Attributes = {}, options: { label?: 'policy' } = {}): Step {
  const make = `mkdir ${attributes.mode === undefined ? '' : `-m ${quote(attributes.mode)} `}-- ${quote(path)}`
  // Another inventory host on the same machine may have made it since; else the second try says what is wrong.
  const nowhere = `printf '%s leads nowhere: it is a link to %s\\n' ${quote(path)} "$(readlink -- ${quote(path)})" >&2`
  const again = `{ { [ ! -L ${quote(path)} ] || { ${nowhere}; false; }; } && ${make}; }`
  const makeOrFind = `${make} 2>/dev/null || [ -d ${quote(path)} ] || ${again}`
  return {
    name: 'mkdir',
    show: `make folder ${path}`,
    script: script([
      makeOrFind,
      ...(options.label === 'policy'
        ? [
            `if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null; then restorecon -F -- ${quote(path)}; fi`,
          ]
        : []),
      ...attributeLines(path, attributes, false),
    ]),
    effects: [
      {
        file: {
          path,
          type: 'directory',
          mode: attributes.mode ?? '0755',
          owner: attributes.owner ?? 'root',
          group: attributes.group ?? 'root',
          ...fields(attributes),
        },
      },
    ],
  }
}

/** Makes an empty file. */
export function touch(path: string, attributes: Attributes = {}): Step {
  return {
    name: 'touch',
    show: `make the empty file ${path}`,
    script: script([
      `umask ${attributes.mode === undefined ? '022' : '077'}`,
      // Made, not opened: where somebody has put a link meanwhile, nothing is made at its other end.
      `set -C; : >${quote(path)}; set +C`,
      ...attributeLines(path, attributes, false),
    ]),
    effects: [{ file: { path, type: 'file', content: Buffer.alloc(0), size: 0, ...fields(attributes) } }],
  }
}

/** Makes a symbolic link, or points one elsewhere, atomically. */
export function makeLink(path: string, target: string, attributes: Attributes = {}): Step {
  return {
    name: 'link',
    show: `link ${path} to ${target}`,
    script: script([
      PLACE,
      `new=${quote(posix.dirname(path).replace(/\/*$/, '/'))}$tsplay_n`,
      `trap '[ -z "$new" ] || rm -f -- "$new"' EXIT`,
      `ln -s -- ${quote(target)} "$new"`,
      `place "$new" ${quote(path)}`,
      'new=',
      ...attributeLines(path, attributes, true),
    ]),
    named: true,
    effects: [{ file: { path, type: 'link', target, ...fields(attributes) } }],
  }
}

/** Makes a hard link, replacing what is there. */
export function makeHardLink(path: string, source: string): Step {
  return {
    name: 'hard-link',
    show: `link ${path} to the file ${source}`,
    script: script([`ln -f -- ${quote(source)} ${quote(path)}`]),
    effects: [{ file: { path, type: 'file' } }],
  }
}

/** Removes a file, a link, or a folder with all it holds. Throws bad-parameter for `/` and what has no name of its own. */
export function remove(path: string): Step {
  const plain = posix.normalize(path).replace(/\/+$/, '')
  if (path === '' || plain === '' || plain === '.' || plain.split('/').includes('..'))
    throw new Problem(
      'bad-parameter',
      `"${path}" is never removed: that would be the whole machine, or nobody knows what.`,
      {
        hint: 'Name one file or folder by its whole path; a variable in it may be empty.',
      },
    )
  return {
    name: 'remove',
    show: `remove ${path}`,
    script: script([`rm -rf -- ${quote(path)}`]),
    effects: [{ file: { path, type: 'absent' } }],
  }
}

/** Renames, replacing what is at the new name. */
export function rename(from: string, to: string): Step {
  return {
    name: 'rename',
    show: `rename ${from} to ${to}`,
    script: script([`mv -f -- ${quote(from)} ${quote(to)}`]),
    effects: [{ file: { path: to, type: 'file' } }, { file: { path: from, type: 'absent' } }],
  }
}
