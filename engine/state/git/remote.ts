import { quote } from '../../wire/quote.ts'

/** How git speaks to a server. */
export interface GitAccess {
  readonly key_file?: string | undefined
  readonly ssh_opts?: string | undefined
  readonly accept_hostkey: boolean
  readonly accept_newhostkey: boolean
  readonly login?: GitLogin | undefined
}

/** A name and password that stood in an address. */
export interface GitLogin {
  /** The server, as `https://example.org`. */
  readonly server: string
  readonly user: string
  readonly password: string
}

/** An address without the password in it, which process lists and the repository's settings would show. */
export function withoutPassword(address: string): { repo: string; login?: GitLogin } {
  const match = /^(https?:\/\/)([^/@:\s]*):([^/@\s]+)@([^/\s]+)(.*)$/i.exec(address)
  if (!match) return { repo: address }
  const [, scheme = '', user = '', password = '', host = '', rest = ''] = match
  const login = { server: `${scheme}${host}`, user: decodeURIComponent(user), password: decodeURIComponent(password) }
  return { repo: `${scheme}${user === '' ? '' : `${user}@`}${host}${rest}`, login }
}

/** Git asks a helper of its own for the password; it and the helper's words are in the environment, and nowhere else. */
function loginLines({ server, user, password }: GitLogin): string[] {
  const helper = '!f() { printf "username=%s\\npassword=%s\\n" "$TSPLAY_GIT_USER" "$TSPLAY_GIT_PASSWORD"; }; f'
  return [
    `export TSPLAY_GIT_USER=${quote(user)} TSPLAY_GIT_PASSWORD=${quote(password)}`,
    `export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=${quote(`credential.${server}.helper`)} GIT_CONFIG_VALUE_0=${quote(helper)}`,
  ]
}

/** Lines that make git ask nobody, and speak by ssh as wanted. */
export function gitEnvironment(access: GitAccess): string {
  const options = access.ssh_opts ?? ''
  const checking = (word: string) =>
    /StrictHostKeyChecking=(no|accept-new)/.test(options) ? [] : [`-o StrictHostKeyChecking=${word}`]
  const words = [
    ...(options === '' ? [] : [options]),
    ...(access.accept_hostkey ? checking('no') : []),
    ...(access.accept_newhostkey ? checking('accept-new') : []),
    ...(options.includes('BatchMode=yes') ? [] : ['-o BatchMode=yes']),
    ...(access.key_file === undefined ? [] : [`-i ${quote(access.key_file)} -o IdentitiesOnly=yes`]),
  ]
  return [
    'export GIT_TERMINAL_PROMPT=0 LC_ALL=C',
    ...(access.login ? loginLines(access.login) : []),
    `export GIT_SSH_COMMAND="\${GIT_SSH:-\${GIT_SSH_COMMAND:-ssh}} "${quote(words.join(' '))}`,
  ].join('\n')
}

/** What a server has under a name. */
export interface RemoteRefs {
  readonly head?: string
  /** The branch that its HEAD is. */
  readonly headBranch?: string
  readonly branches: Readonly<Record<string, string>>
  /** The commit of the tag of that name. */
  readonly tag?: string
  /** The tag is an object of its own, which may be signed. */
  readonly annotated?: true
}

/** Shell text that asks a server for its HEAD, its branches and a tag. */
export function askRefs(git: string, repo: string, version: string, environment: string): string {
  const tag = `refs/tags/${version}`
  return `${environment}\n${quote(git)} ls-remote --symref -- ${quote(repo)} HEAD 'refs/heads/*' ${quote(tag)} ${quote(`${tag}^{}`)}`
}

export function readRefs(text: string, version: string): RemoteRefs {
  const branches: Record<string, string> = {}
  const found: { head?: string; headBranch?: string; tag?: string; annotated?: true } = {}
  for (const line of text.split('\n')) {
    const [value = '', name = ''] = line.split('\t')
    if (value.startsWith('ref: refs/heads/') && name === 'HEAD') found.headBranch = value.slice(16)
    else if (name === 'HEAD') found.head = value
    else if (name.startsWith('refs/heads/')) branches[name.slice(11)] = value
    // An annotated tag is an object of its own; its commit stands behind ^{}.
    else if (name === `refs/tags/${version}^{}`) Object.assign(found, { tag: value, annotated: true })
    else if (name === `refs/tags/${version}`) found.tag ??= value
  }
  return { ...found, branches }
}

/** Shell text that prints the whole name of a commit that is there, told by its beginning. */
export const nameCommit = (git: string, dest: string, version: string): string =>
  `${quote(git)} -C ${quote(dest)} rev-parse -q --verify ${quote(`${version}^{commit}`)} 2>/dev/null`
