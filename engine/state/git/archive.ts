import { posix } from 'node:path'
import { Unknown } from '../../base/unknown.ts'
import { ENTER_OWN, makeOwn } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import { fileEffect } from '../effect.ts'
import { defineRead } from '../read.ts'
import type { Step } from '../step.ts'
import { PLACE } from '../steps/place.ts'

export interface GitArchiveAsk {
  readonly git: string
  readonly dest: string
  /** The commit. */
  readonly commit: string
  readonly archive: string
  readonly prefix?: string | undefined
}

const FORMATS: Readonly<Record<string, string>> = { '.zip': 'zip', '.gz': 'tar.gz', '.tar': 'tar', '.tgz': 'tgz' }

/** The format that an archive's name asks for; undefined: none that git makes. */
export const gitArchiveFormat = (archive: string): string | undefined => FORMATS[posix.extname(archive)]

function command({ git, dest, commit, archive, prefix }: GitArchiveAsk): string {
  const words = prefix === undefined ? '' : ` ${quote(`--prefix=${prefix}`)}`
  return `${quote(git)} -C ${quote(dest)} archive --format=${gitArchiveFormat(archive)}${words} ${quote(commit)}`
}

/** Whether an archive is the one of a commit, byte for byte: git makes the same of the same. */
export const gitArchiveIsRight = defineRead<GitArchiveAsk, boolean>({
  name: 'git-archive',
  key: (ask) => `${ask.archive} ${ask.dest} ${ask.commit} ${ask.prefix ?? ''}`,
  paths: (ask) => [ask.archive, `${ask.dest}/.git/HEAD`],
  items: (asks) =>
    asks.map(
      (ask) => `old=$(sha256sum <${quote(ask.archive)}) 2>/dev/null || exit 1
new=$(${command(ask)} 2>/dev/null | sha256sum); [ "$old" = "$new" ]`,
    ),
  parse: (replies) => replies.map((reply) => reply.status === 0),
})

/** Packs the commit beside the archive's name, and gives it the name when it is whole. */
export function archiveCommit(ask: GitArchiveAsk): Step {
  const { archive, dest } = ask
  const to = posix.isAbsolute(archive) ? quote(archive) : `"$from"/${quote(archive)}`
  return {
    name: 'git-archive',
    show: `pack the commit of ${dest} into ${archive}`,
    script: `from=$PWD
${makeOwn(quote(posix.dirname(archive)))}
${PLACE}
${ENTER_OWN}
( cd -- "$from" && ${command(ask)} ) >file || exit 1
if [ -f ${to} ]; then chmod "$(stat -L -c %a -- ${to})" file; else chmod 0644 file; fi
place file ${to}`,
    effects: [
      fileEffect({
        path: archive,
        type: 'file',
        content: new Unknown(`what is in ${archive}, which is not packed in a dry run`),
      }),
      { read: gitArchiveIsRight.name, key: gitArchiveIsRight.key(ask), gives: true },
    ],
  }
}
