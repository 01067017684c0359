import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

export interface GitAsk {
  readonly dest: string
  readonly bare: boolean
  readonly remote: string
  /** The program. */
  readonly git: string
}

/** A repository on a host. Predictions leave out what only shows when it is done. */
export interface GitCheckout {
  /** The commit that is checked out; missing: there is none yet. */
  readonly head?: string
  /** Its branch; missing: none is. */
  readonly branch?: string
  /** Which branch the remote's own HEAD is, as far as it is noted here. */
  readonly remoteBranch?: string
  readonly url?: string
  /** Tracked files differ from the commit. */
  readonly dirty: boolean
  /** Submodules that are not there, or at another commit than they should be. */
  readonly submodules?: readonly string[]
  /** Its own branches, and their commits. */
  readonly branches?: Readonly<Record<string, string>>
  /** Where the repository itself is. */
  readonly folder?: string
  /** Why git does not work with it. */
  readonly trouble?: string
}

export interface GitLook {
  /** What `git --version` says; null: there is no git. */
  readonly program: string | null
  readonly there: GitCheckout | null
}

const END = '\x1e'

/** One script a repository; writes nothing, not even git's index. */
export const gitCheckout = defineRead<GitAsk, GitLook>({
  name: 'git-checkout',
  key: (ask) => `${ask.dest} ${ask.bare ? 'bare' : ''} ${ask.remote}`,
  paths: (ask) => [`${ask.dest}/HEAD`, `${ask.dest}/.git/HEAD`],
  items: (asks) =>
    asks.map(({ dest, bare, remote, git }) => {
      const dir = quote(dest)
      return `export GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0; g=${quote(git)}
say() { printf '\\036%s\\n' "$1"; }
command -v "$g" >/dev/null 2>&1 || exit 44
say program; "$g" --version
[ -e ${bare ? `${dir}/config` : `${dir}/.git`} ] && cd -- ${dir} || exit 0
git() { command "$g" "$@"; }
say there
# Not ours (safe.directory), or broken: nothing that git then says of it can be relied upon.
t=$(git rev-parse --git-dir 2>&1) || { say trouble; printf '%s\n' "$t"; exit 0; }
say folder; git rev-parse --absolute-git-dir
say head; git rev-parse -q --verify HEAD 2>/dev/null
say branch; git symbolic-ref -q --short HEAD
say remoteBranch; git symbolic-ref -q --short refs/remotes/${quote(remote)}/HEAD
say url; git config --get remote.${quote(remote)}.url
say branches; git for-each-ref --format='%(objectname) %(refname:strip=2)' refs/heads
${bare ? ':' : `say dirty; git status --porcelain --untracked-files=no\nsay submodules; [ ! -e .gitmodules ] || git submodule status --recursive 2>&1 | grep -v '^ '; :`}`
    }),
  parse: (replies) =>
    replies.map((reply) => {
      if (reply.status === 44) return { program: null, there: null }
      const parts = new Map(
        reply.stdout
          .toString('utf8')
          .split(END)
          .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).trimEnd()]),
      )
      const program = parts.get('program')?.trim() ?? null
      if (!parts.has('there')) return { program, there: null }
      const named = ['folder', 'head', 'branch', 'remoteBranch', 'url', 'trouble'] as const
      const given = named.flatMap((name) => (parts.get(name) ? [[name, parts.get(name)!]] : []))
      const lines = (name: string) => (parts.get(name) ?? '').split('\n').filter(Boolean)
      return {
        program,
        there: {
          ...Object.fromEntries(given),
          dirty: lines('dirty').length > 0,
          submodules: lines('submodules'),
          branches: Object.fromEntries(lines('branches').map((line) => [line.slice(41), line.slice(0, 40)])),
        },
      }
    }),
})
