import { posix } from 'node:path'
import { quote } from '../wire/quote.ts'

/** What a run made or changed on a host. */
export interface Made {
  readonly path: string
  readonly type: 'file' | 'folder' | 'link'
  /** There before the run. */
  readonly before: boolean
  /** There after it. */
  readonly after: boolean
  /** The dry run speaks of it. */
  readonly named: boolean
  /** The deepest folder above it that was there before the run. */
  readonly folder: string
}

/** One way in which a host may not be as a module expects. */
export interface Damage {
  readonly name: string
  /** Whether it is done to the host as it was before the run; else to what the run made. */
  readonly early: (made: Made) => boolean
  /** Also where there is nothing at the path yet. */
  readonly anyway?: true
  /** Something is mounted over the folder. */
  readonly over?: true
  readonly suits: (made: Made) => boolean
  /** Shell text that does it, and one that takes away what would keep files from being put back. */
  readonly script: (made: Made) => string
  readonly undo?: (made: Made) => string
  /** What a task may say when it fails for this. */
  readonly says: RegExp
}

/** More than this is not copied into a full file system. */
const MOST_KILOBYTES = 8192

/** The exit status of a damage that cannot be done there. */
export const CANNOT_BE = 77

const instead = ({ path }: Made, make: (quoted: string) => string) =>
  `rm -rf -- ${quote(path)} || exit ${CANNOT_BE}\n${make(quote(path))}`
const there = ({ before }: Made) => before
const always = () => true
/** Without these nobody can log in any more. */
const LOGIN = /^\/etc\/(passwd|g?shadow|group|security\/.*|pam\.d\/.*|ssh\/.*)$/
/** What a module did by the way, in files of the system, is not to be put out of the way. */
const own = ({ path, named }: Made) => named && !LOGIN.test(path)

export const damages: readonly Damage[] = [
  {
    name: 'mode',
    early: there,
    suits: ({ type }) => type !== 'link',
    script: ({ path, type }) => `chmod ${type === 'folder' ? '0711' : '0611'} -- ${quote(path)}`,
    says: /mode|permi(t|ss)/i,
  },
  {
    name: 'owner',
    early: there,
    suits: always,
    script: ({ path }) => `chown -h 65534:65534 -- ${quote(path)}`,
    says: /own(er|s|ed)|permi(t|ss)/i,
  },
  {
    name: 'dangling',
    early: there,
    suits: own,
    script: (made) => instead(made, (path) => `ln -s /nowhere/at-all ${path}`),
    says: /link|No such file|not there|cannot be read/i,
  },
  {
    name: 'folder',
    early: there,
    suits: (made) => own(made) && made.type !== 'folder',
    script: (made) => instead(made, (path) => `mkdir ${path}\n: >${path}/kept`),
    says: /folder|directory/i,
  },
  {
    name: 'file',
    early: there,
    suits: (made) => own(made) && made.type === 'folder',
    script: (made) => instead(made, (path) => `echo kept >${path}`),
    says: /file|not a (folder|directory)/i,
  },
  {
    name: 'read-only',
    early: always,
    anyway: true,
    over: true,
    suits: ({ folder }) => folder !== '/',
    script: ({ folder }) => `mount --bind ${quote(folder)} ${quote(folder)}\nmount -o remount,bind,ro ${quote(folder)}`,
    undo: ({ folder }) => `umount -l ${quote(folder)}`,
    says: /read-only/i,
  },
  {
    name: 'immutable',
    early: there,
    suits: ({ type }) => type !== 'link',
    script: ({ path, type, before }) => {
      // What a run has made is right already: it is only in the way when it is also wrong.
      const wrong = before ? '' : type === 'folder' ? `chmod 0711 -- ${quote(path)}` : `echo wrong >>${quote(path)}`
      return `${wrong}\nchattr +i -- ${quote(path)}`
    },
    undo: ({ path }) => `chattr -i -- ${quote(path)}`,
    says: /permi(t|ss)|immutable/i,
  },
  {
    name: 'full',
    early: always,
    anyway: true,
    over: true,
    suits: ({ folder }) => folder !== '/',
    script: ({ folder }) => full(folder),
    undo: ({ folder }) => `umount -l ${quote(folder)}`,
    // What an echo of a shell says.
    says: /no space left|disk.*full|is full|I\/O error/i,
  },
]

/** A small file system over a folder, with the folder's files in it, filled to the last byte and the last file. */
function full(folder: string): string {
  const path = quote(folder)
  const aside = quote(posix.join('/run', 'tsplay-full'))
  return `size=$(du -sk -- ${path} | cut -f1)
if [ "$size" -gt ${MOST_KILOBYTES} ]; then exit ${CANNOT_BE}; fi
mkdir -p ${aside}
mount -t tmpfs -o "size=$((size * 2 + 64))k,mode=$(stat -c %a -- ${path})" tmpfs ${aside}
cp -a -- ${path}/. ${aside}
dd if=/dev/zero of=${aside}/.filled bs=4k 2>/dev/null || :
mount --bind ${aside} ${path}
umount ${aside}`
}
