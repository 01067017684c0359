import { posix } from 'node:path'
import {
  adviceOn,
  archiveCommit,
  askRefs,
  type Change,
  checkOut,
  defineModule,
  type GitAccess,
  type GitArchiveAsk,
  type GitAsk,
  type GitLook,
  gitArchiveIsRight,
  gitCheckout,
  gitEnvironment,
  nameCommit,
  Problem,
  plainly,
  type RemoteRefs,
  readRefs,
  shownUrl,
  TouchedUnknown,
  Unknown,
  withoutPassword,
} from 'tsplay'

export default defineModule({
  summary: 'Check out a git repository, and keep it at a branch, tag or commit.',
  description:
    'The server is asked what it has, in dry runs too; nothing is fetched before something has to change. git must be on the host.',
  volatile: true,
  params: {
    type: 'object',
    properties: {
      repo: {
        type: 'string',
        minLength: 1,
        aliases: ['name'],
        description: 'Address of the repository. A password in it is used, and kept nowhere on the host.',
      },
      dest: {
        type: 'string',
        format: 'path',
        description: 'The folder of the checkout. Needed unless clone is false.',
      },
      version: {
        type: 'string',
        default: 'HEAD',
        pattern: '^[^-\\s][^\\s~^:?*\\[\\\\]*$',
        description: "A branch, a tag or a commit; HEAD: the server's own branch, or the one that is checked out.",
      },
      remote: {
        type: 'string',
        default: 'origin',
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_./-]*$',
        description: 'What the server is called in the repository.',
      },
      depth: { type: 'integer', minimum: 1, description: 'Only so much of the history. For branches and tags.' },
      clone: { type: 'boolean', default: true, description: 'With false: only tell what the server has.' },
      update: { type: 'boolean', default: true, description: 'With false: a repository that is there stays as it is.' },
      force: {
        type: 'boolean',
        default: false,
        description: 'Throw away changes of files that belong to the repository.',
      },
      bare: { type: 'boolean', default: false, description: 'No checkout: the repository itself is in dest.' },
      recursive: { type: 'boolean', default: true, description: 'Submodules too.' },
      track_submodules: { type: 'boolean', default: false, description: 'Submodules at the newest of their branch.' },
      single_branch: { type: 'boolean', default: false, description: 'Clone just the branch that is wanted.' },
      refspec: { type: 'string', pattern: '^[^-]', description: 'What else is fetched: refs/pull/341/head, …' },
      reference: { type: 'string', format: 'path', description: 'A repository of the host to borrow objects from.' },
      accept_hostkey: {
        type: 'boolean',
        default: false,
        description: "Take any server's ssh key. accept_newhostkey is safer.",
      },
      accept_newhostkey: {
        type: 'boolean',
        default: false,
        description: 'Take an ssh key of a server that is not known yet.',
      },
      key_file: { type: 'string', format: 'path', description: 'The private key of the host to log in with.' },
      ssh_opts: { type: 'string', description: 'Further words for ssh.' },
      executable: { type: 'string', format: 'path', description: 'Where git is. Default: on the PATH.' },
      umask: { type: 'string', pattern: '^0?[0-7]{3}$', description: 'Rights that new files do not get, in quotes.' },
      archive: {
        type: 'string',
        format: 'path',
        pattern: '\\.(zip|gz|tar|tgz)$',
        description:
          'Pack what is checked out into this file too: .zip, .tar, .tar.gz or .tgz. Its folder must be there.',
      },
      archive_prefix: {
        type: 'string',
        description: 'What goes before each name in the archive; a folder ends in a slash.',
      },
      separate_git_dir: {
        type: 'string',
        format: 'path',
        description: 'Where the repository itself is, apart from the checkout; one that is in it is moved there.',
      },
      verify_commit: {
        type: 'boolean',
        default: false,
        description:
          'Check out only what is signed by a key that the user on the host trusts. What is checked out already is not asked again.',
      },
      gpg_allowlist: {
        type: 'array',
        items: { type: 'string', pattern: '^[0-9A-Fa-f ]+$' },
        default: [],
        aliases: ['gpg_whitelist'],
        description: 'With verify_commit: fingerprints of the only keys that count.',
      },
    },
    required: ['repo'],
    dependentRequired: { archive_prefix: ['archive'] },
    anyOf: [{ required: ['dest'] }, { properties: { clone: { const: false } }, required: ['clone'] }],
    allOf: [
      {
        not: {
          required: ['accept_hostkey', 'accept_newhostkey'],
          properties: { accept_hostkey: { const: true }, accept_newhostkey: { const: true } },
        },
      },
      { not: { required: ['separate_git_dir', 'bare'], properties: { bare: { const: true } } } },
    ],
    additionalProperties: false,
  },
  returns: {
    before: 'the commit that was checked out; null: none was',
    after: 'the commit that is',
    remote_url_changed: 'whether the server was another one',
    submodules_changed: 'whether submodules had to be fetched',
    git_dir_before: 'where the repository was, when separate_git_dir moved it',
    git_dir_now: 'where it is then',
    warnings: 'what was asked for and could not be done',
  },
  examples: [
    {
      title: 'A repository at a tag',
      given:
        '- apt: {name: git}\n- shell:\n    cmd: git init -q /srv/code && cd /srv/code && git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m one && git tag v1\n    creates: /srv/code',
      yaml: '- git:\n    repo: /srv/code\n    dest: /srv/checkout\n    version: v1',
    },
  ],
  async probe(host, params, controller) {
    const { repo, login } = withoutPassword(params.repo.startsWith('/') ? `file://${params.repo}` : params.repo)
    if (login) controller.secret(login.password)
    const { remote, bare, version } = params
    const git = params.executable ?? 'git'
    const dest = params.dest === undefined ? '' : posix.normalize(params.dest).replace(/(.)\/+$/, '$1')
    const ask: GitAsk = { dest: dest === '' ? '/nonexistent' : dest, bare, remote, git }
    const environment = gitEnvironment({ ...(params as GitAccess), login })
    const short = dest !== '' && /^[0-9a-f]{7,39}$/i.test(version)
    const [look, own, entries, reply, commit] = await Promise.all([
      host.read(gitCheckout, ask),
      dest === '' ? null : host.stat(dest, { follow: true }),
      dest === '' ? null : host.list(dest),
      host.query(askRefs(git, repo, version, environment), { volatile: true }),
      short ? host.query(nameCommit(git, dest, version)) : undefined,
    ])
    const occupied = own !== null && (own.type !== 'directory' || (entries ?? []).length > 0)
    const local = commit?.status === 0 ? commit.stdout.toString('utf8').trim() : undefined
    const state = { ask, repo, environment, look, local, occupied, refs: undefined as RemoteRefs | undefined }
    const packing = async (commit: string | undefined) => {
      if (params.archive === undefined || dest === '') return undefined
      const { archive, archive_prefix: prefix } = params
      const packed: GitArchiveAsk = { git, dest, commit: commit ?? 'HEAD', archive, prefix }
      const right = commit !== undefined && look.there?.head === commit && (await host.read(gitArchiveIsRight, packed))
      return right ? undefined : packed
    }
    if (look.program === null) return { ...state, packing: undefined }
    if (look.there && !params.update && params.clone) return { ...state, packing: await packing(look.there.head) }
    if (reply.status === 0) {
      const refs = readRefs(reply.stdout.toString('utf8'), version)
      return { ...state, refs, packing: await packing(targetOf(refs, look.there, local, params)) }
    }
    const why = plainly(reply.stderr.toString('utf8').trim())
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, /dubious ownership/.test(reply.stderr.toString('utf8')) ? 1 : 3)
      .join(' ')
    if (controller.checking)
      throw new TouchedUnknown(new Unknown(`what ${shownUrl(repo)} has, which does not answer now: ${why}`))
    throw new Problem('task-failed', `${shownUrl(repo)} cannot be asked: ${why}`, {
      hint: hintFor(why),
    })
  },
  plan(state, params) {
    const { ask, repo, environment, look, local, occupied, refs, packing: pack } = state
    const packSteps = pack ? [archiveCommit(pack)] : []
    const packChanges = pack ? [{ path: pack.archive, after: `commit ${pack.commit}` }] : []
    const { dest } = ask
    if (look.program === null)
      return {
        failed: `This host has no ${ask.git === 'git' ? 'git' : `git at ${ask.git}`}.`,
        hint: 'Install it first, with apt or dnf.',
      }
    const there = look.there
    if (!params.clone && (!there || params.dest === undefined)) {
      const after = targetOf(refs!, undefined, local, params)
      if (after === undefined) return unknownVersion(params.version, repo)
      return { result: { before: null, after, changed: true } }
    }
    if (there?.trouble !== undefined)
      return {
        failed: `git does not work with ${dest}: ${there.trouble}`,
        ...(there.trouble.includes('safe.directory')
          ? { hint: 'Act as its owner with become_user: as another, the settings in it could run anything.' }
          : {}),
      }
    if (there && !params.update)
      return {
        changes: packChanges,
        steps: packSteps,
        result: { before: there.head ?? null, after: there.head ?? null },
      }
    if (!there && occupied)
      return {
        failed: `destination path '${dest}' already exists and is not an empty directory.`,
        hint: 'It is no git repository. Remove it first, or name another "dest".',
      }
    if (there?.dirty && !params.force)
      return {
        failed: `Local modifications exist in the destination: ${dest} (force=no).`,
        hint: 'Commit or undo them on the host; "force: true" throws them away.',
        result: { before: there.head ?? null },
      }
    const after = targetOf(refs!, there, local, params)
    if (after === undefined && params.refspec === undefined) return unknownVersion(params.version, repo)
    const moved = there !== null && !sameAddress(there.url, repo)
    const submodules = there !== null && params.recursive && !params.bare && (there.submodules ?? []).length > 0
    const stale = params.bare
      ? Object.entries(refs!.branches).filter(([name, sha]) => there?.branches?.[name] !== sha)
      : []
    const differs = there?.head === undefined || after === undefined || there.head !== after
    const apart = params.separate_git_dir
    const elsewhere = there !== null && apart !== undefined && there.folder !== undefined && there.folder !== apart
    const offBranch = there !== null && wrongBranch(look, refs!, params)
    const result = {
      before: there?.head ?? null,
      after: after ?? params.version,
      ...(there ? { remote_url_changed: moved } : {}),
      ...(submodules ? { submodules_changed: true } : {}),
      ...(elsewhere ? { git_dir_before: there.folder, git_dir_now: apart } : {}),
      warnings: wholeAllTheSame(refs!, params),
    }
    const off = differs || moved || submodules || there?.dirty || offBranch || elsewhere || (there && stale.length > 0)
    if (!off && !params.track_submodules) return { changes: packChanges, steps: packSteps, result }
    const changes: Change[] = []
    if (differs)
      changes.push({
        path: `${dest} commit`,
        ...(there?.head ? { before: there.head } : {}),
        after: after ?? params.version,
      })
    if (there)
      for (const [name, sha] of stale)
        if (name !== there.branch)
          changes.push({ path: `${dest} branch ${name}`, before: there.branches?.[name], after: sha })
    if (moved)
      changes.push({ path: `${dest} ${params.remote}`, before: shownUrl(there.url ?? ''), after: shownUrl(repo) })
    if (there?.dirty) changes.push({ path: `${dest} local modifications`, before: true, after: false })
    if (submodules)
      changes.push({ path: `${dest} submodules`, before: (there.submodules ?? []).join('\n'), after: 'as committed' })
    if (elsewhere) changes.push({ path: `${dest} repository`, before: there.folder, after: apart })
    if (offBranch)
      changes.push({
        path: `${dest} branch`,
        ...(there?.branch ? { before: there.branch } : {}),
        after: params.version,
      })
    const step = checkOut({ ...params, repo, ask, environment, there, refs: refs!, after })
    return {
      changes: [...changes, ...packChanges],
      steps: [step, ...packSteps],
      result,
      ...(after === undefined || params.track_submodules ? { repeats: true } : {}),
    }
  },
  async after(host, plan, _replies, params) {
    const before = plan.result?.['before']
    if (params.dest === undefined || (plan.steps ?? []).length === 0) return {}
    const git = params.executable ?? 'git'
    const look = await host.read(gitCheckout, {
      dest: posix.normalize(params.dest).replace(/(.)\/+$/, '$1'),
      bare: params.bare,
      remote: params.remote,
      git,
    })
    const after = look.there?.head ?? null
    // What could only be fetched, or follows its branch, may have been the same all along.
    const same = after === before && (plan.changes ?? []).every((change) => change.path.endsWith(' commit'))
    return { after, ...(same ? { changed: false } : {}) }
  },
})

/** The commit that the version is on the server, or a commit by its own name. */
function targetOf(
  refs: RemoteRefs,
  there: GitLook['there'] | undefined,
  local: string | undefined,
  params: { version: string; bare: boolean },
): string | undefined {
  const { version } = params
  // A bare repository has all of them; what is told is where its own HEAD is.
  if (version === 'HEAD' || params.bare) {
    const branch = there ? (there.branch ?? there.remoteBranch ?? refs.headBranch) : undefined
    return branch === undefined ? refs.head : refs.branches[branch]
  }
  const named = refs.branches[version] ?? refs.tag
  if (named !== undefined) return named
  if (!/^[0-9a-f]{7,40}$/i.test(version)) return undefined
  return local ?? version
}

/** A branch is to be checked out that is not, though its commit is. */
function wrongBranch(look: GitLook, refs: RemoteRefs, params: { version: string; bare: boolean }): boolean {
  if (params.bare || params.version === 'HEAD') return false
  return refs.branches[params.version] !== undefined && look.there?.branch !== params.version
}

/** Servers give a part of the history for a name only. */
function wholeAllTheSame(
  refs: RemoteRefs,
  { depth, version, refspec }: { depth?: number | undefined; version: string; refspec?: string | undefined },
): string[] {
  const named = version === 'HEAD' || refs.branches[version] !== undefined || refs.tag !== undefined
  if (depth === undefined || named || refspec !== undefined) return []
  return [`All of the history is fetched: "depth" is for branches and tags, and ${version} is a commit.`]
}

function sameAddress(one: string | undefined, other: string): boolean {
  const plain = (address: string) => address.replace(/^file:\/\//, '')
  return one !== undefined && plain(one) === plain(other)
}

function unknownVersion(version: string, repo: string) {
  return {
    failed: `Could not determine remote revision for ${version}`,
    hint: `${shownUrl(repo)} has no branch or tag of that name, and a commit is named by 7 to 40 hexadecimal digits.`,
  }
}

function hintFor(why: string): string {
  if (/Host key verification failed/.test(why))
    return 'The server\'s ssh key is not known to the user on the host: see the module known_hosts, or "accept_newhostkey".'
  if (/Permission denied|could not read Username|Authentication failed/.test(why))
    return 'The server lets nobody in without a key or password: see "key_file".'
  return adviceOn(why) ?? 'The host asks it, as the user that the task acts as.'
}
