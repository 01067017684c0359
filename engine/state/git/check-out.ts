import { posix } from 'node:path'
import { quote } from '../../wire/quote.ts'
import { type Effect, fileEffect } from '../effect.ts'
import { shownUrl } from '../http.ts'
import type { Step } from '../step.ts'
import { type GitAsk, type GitCheckout, gitCheckout } from './checkout.ts'
import type { RemoteRefs } from './remote.ts'
import { verify } from './verify.ts'

export interface CheckOutOptions {
  readonly ask: GitAsk
  readonly repo: string
  /** Lines that go before. */
  readonly environment: string
  readonly there: GitCheckout | null
  readonly refs: RemoteRefs
  readonly version: string
  /** The commit it comes to; undefined: only fetching tells. */
  readonly after: string | undefined
  readonly depth?: number | undefined
  readonly force: boolean
  readonly recursive: boolean
  readonly track_submodules: boolean
  readonly single_branch: boolean
  readonly refspec?: string | undefined
  readonly reference?: string | undefined
  readonly umask?: string | undefined
  readonly separate_git_dir?: string | undefined
  readonly verify_commit: boolean
  readonly gpg_allowlist: readonly string[]
}

/** Clones, or fetches what is new, and checks it out; all of it one step. */
export function checkOut(options: CheckOutOptions): Step {
  const { ask, there, repo, after } = options
  const branch =
    options.version === 'HEAD' || ask.bare ? headBranch(options) : isBranch(options) ? options.version : undefined
  const lines = [
    options.environment,
    ...(options.umask === undefined ? [] : [`umask ${options.umask}`]),
    `git() { command ${quote(ask.git)} "$@"; }`,
    'set -e',
    ...(there ? update(options) : clone(options)),
    `cd -- ${quote(ask.dest)}`,
    ...(options.verify_commit ? signed(options) : []),
    ...(ask.bare ? [] : [...turn(options, branch), ...submodules(options)]),
  ]
  const known = after !== undefined && /^[0-9a-f]{40}$/.test(after)
  const why = `the files of ${shownUrl(repo)}, which are not checked out in a dry run`
  const becomes = {
    head: after,
    url: repo,
    dirty: false,
    ...(options.recursive ? { submodules: [] } : {}),
    ...(branch === undefined ? {} : { branch }),
    ...(options.separate_git_dir === undefined ? {} : { folder: options.separate_git_dir }),
    ...(ask.bare ? { branches: options.refs.branches } : {}),
  }
  const effects: Effect[] = [
    ...(there ? [] : [fileEffect({ path: ask.dest, type: 'directory' })]),
    { obscures: ask.dest, why },
    known && !options.track_submodules
      ? { read: gitCheckout.name, key: gitCheckout.key(ask), gives: { there: becomes } }
      : { outdates: gitCheckout.name, key: gitCheckout.key(ask), why },
  ]
  const what = after === undefined ? options.version : known ? after.slice(0, 12) : after
  return {
    name: 'git',
    show: `${there ? 'bring' : 'clone'} ${shownUrl(repo)} ${there ? `in ${ask.dest} to` : `to ${ask.dest} at`} ${what}`,
    script: lines.join('\n'),
    effects,
  }
}

const isBranch = ({ refs, version }: CheckOutOptions) => refs.branches[version] !== undefined
const isTag = ({ refs, version }: CheckOutOptions) => refs.tag !== undefined && refs.branches[version] === undefined

function headBranch({ there, refs }: CheckOutOptions): string | undefined {
  return there?.branch ?? there?.remoteBranch ?? refs.headBranch
}

function clone(options: CheckOutOptions): string[] {
  const { ask, repo, version, refspec } = options
  const named = version !== 'HEAD' && (isBranch(options) || isTag(options))
  const shallow = options.depth !== undefined && (version === 'HEAD' || refspec !== undefined || named)
  const words = [
    ask.bare ? '--bare' : `--origin ${quote(ask.remote)}`,
    ...(shallow ? [`--depth ${options.depth}`] : []),
    ...(options.single_branch ? ['--single-branch'] : []),
    ...(named && !ask.bare && (shallow || options.single_branch) ? [`--branch ${quote(version)}`] : []),
    // What is not signed is never checked out.
    ...(options.verify_commit && !ask.bare ? ['--no-checkout'] : []),
    ...(options.separate_git_dir === undefined ? [] : [quote(`--separate-git-dir=${options.separate_git_dir}`)]),
    ...(options.reference === undefined ? [] : [`--reference ${quote(options.reference)}`]),
  ]
  return [
    `mkdir -p -- ${quote(posix.dirname(ask.dest))}`,
    `git clone -q ${words.join(' ')} -- ${quote(repo)} ${quote(ask.dest)}`,
    ...(ask.bare && ask.remote !== 'origin'
      ? [`git -C ${quote(ask.dest)} remote add ${quote(ask.remote)} ${quote(repo)}`]
      : []),
    ...(refspec === undefined
      ? []
      : [
          `git -C ${quote(ask.dest)} fetch -q ${shallow ? `--depth ${options.depth} ` : ''}${quote(ask.bare ? 'origin' : ask.remote)} ${quote(refspec)}`,
        ]),
  ]
}

function update(options: CheckOutOptions): string[] {
  const { ask, there, repo, version } = options
  const remote = quote(ask.remote)
  const { separate_git_dir: apart } = options
  return [
    `cd -- ${quote(ask.dest)}`,
    ...(apart !== undefined && apart !== there!.folder
      ? [
          `[ ! -e ${quote(apart)} ] || { echo ${quote(`${apart} is there already`)} >&2; exit 1; }`,
          `mv -- ${quote(there!.folder!)} ${quote(apart)}`,
          `rm -f .git; printf 'gitdir: %s\\n' ${quote(apart)} >.git`,
        ]
      : []),
    ...(there!.dirty ? ['git reset -q --hard HEAD'] : []),
    // Set anew where it is another one, or where a bare clone has none of that name.
    `git config --get remote.${remote}.url >/dev/null || git remote add ${remote} ${quote(repo)}`,
    `git remote set-url ${remote} ${quote(repo)}`,
    ...fetches(options).map((words) => `git fetch -q ${words}`),
    // A clone of one branch does not know the others.
    ...(!ask.bare && isBranch(options)
      ? [
          `[ "$(git rev-parse -q --verify refs/remotes/${remote}/${quote(version)})" = ${options.after} ] || git fetch -q ${remote} ${quote(`+refs/heads/${version}:refs/remotes/${ask.remote}/${version}`)}`,
        ]
      : []),
  ]
}

/** The least that is enough with a depth; else all of it, tags that moved too. */
function fetches(options: CheckOutOptions): string[] {
  const { ask, version, depth, refspec } = options
  const remote = quote(ask.remote)
  const more = refspec === undefined ? '' : ` ${quote(refspec)}`
  if (depth !== undefined) {
    const branch = version === 'HEAD' ? headBranch(options) : isBranch(options) ? version : undefined
    const wanted =
      refspec ??
      (branch !== undefined
        ? `+refs/heads/${branch}:refs/remotes/${ask.remote}/${branch}`
        : isTag(options)
          ? `+refs/tags/${version}:refs/tags/${version}`
          : undefined)
    if (wanted !== undefined && !ask.bare) return [`--depth ${depth} ${remote} ${quote(wanted)}`]
  }
  if (ask.bare) return [`--force ${remote} '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'${more}`]
  return [`--tags --force ${remote}`, ...(refspec === undefined ? [] : [`${remote}${more}`])]
}

/** A branch of its own for a branch; else just the commit. */
function turn(options: CheckOutOptions, branch: string | undefined): string[] {
  const { ask, there, version } = options
  if (branch === undefined) {
    if (version === 'HEAD') return []
    return [`git checkout -q --force --detach ${quote(isTag(options) ? `refs/tags/${version}` : version)} --`]
  }
  if (version === 'HEAD' && !there) return options.verify_commit ? ['git reset -q --hard HEAD'] : []
  const theirs = quote(`refs/remotes/${ask.remote}/${branch}`)
  const name = quote(branch)
  return [
    `if git show-ref -q --verify ${quote(`refs/heads/${branch}`)}; then`,
    `  git checkout -q --force ${name} --; git reset -q --hard ${theirs} --`,
    // A clone of one branch cannot follow another; it can have it.
    `else git checkout -q --force --track -b ${name} ${theirs} -- 2>/dev/null || git checkout -q --force --no-track -b ${name} ${theirs} --`,
    'fi',
  ]
}

function submodules({ recursive, track_submodules, force }: CheckOutOptions): string[] {
  if (!recursive) return []
  const words = ['--init', '--recursive', ...(track_submodules ? ['--remote'] : []), ...(force ? ['--force'] : [])]
  return [
    'if [ -e .gitmodules ]; then',
    `  git submodule -q sync --recursive; git submodule -q update ${words.join(' ')}`,
    'fi',
  ]
}

/** A clone that is not signed is not left behind. */
function signed(options: CheckOutOptions): string[] {
  const { version, after, refs, there, ask } = options
  const lines =
    isTag(options) && refs.annotated
      ? verify('tag', version, options.gpg_allowlist)
      : verify('commit', after ?? version, options.gpg_allowlist)
  if (there) return lines
  const made = [ask.dest, ...(options.separate_git_dir === undefined ? [] : [options.separate_git_dir])].map(quote)
  return [`trap ${quote(`cd / && rm -rf -- ${made.join(' ')}`)} EXIT`, ...lines, 'trap - EXIT']
}
