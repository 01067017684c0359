import { join, posix, resolve } from 'node:path'
import {
  type Controller,
  defineModule,
  type Host,
  type Identity,
  identity,
  localTree,
  lookAtMirror,
  lookAtPull,
  type MirrorFilter,
  type MirrorItem,
  type MirrorWishes,
  Misgiven,
  makeFirst,
  makeOwnDirectory,
  mirrorFilter,
  nameable,
  type Plan,
  Problem,
  type PullLook,
  planMirror,
  pull,
  type Stat,
  tree,
  withHome,
} from 'tsplay'

interface Params {
  mode: 'push' | 'pull'
  src: string
  dest: string
  archive: boolean
  recursive?: boolean | undefined
  links?: boolean | undefined
  perms?: boolean | undefined
  times?: boolean | undefined
  owner?: boolean | undefined
  group?: boolean | undefined
  dirs: boolean
  copy_links: boolean
  checksum: boolean
  delete: boolean
  existing_only: boolean
  rsync_opts: string[]
  link_dest: string[]
}

interface State {
  readonly me: Identity
  /** The folder on the host that all is below, and what is there now. */
  readonly root: string
  readonly rootThere: Stat | null
  readonly aboveThere: boolean
  readonly items: readonly MirrorItem[]
  /** Nothing of the controller's corresponds to it. */
  readonly extra: readonly { readonly relative: string; readonly type: string }[]
  readonly skipped: readonly string[]
}

interface Refusal {
  readonly failed: string
  readonly hint?: string
}

const flag = (value: boolean, description: string) => ({ type: 'boolean', default: value, description }) as const
const archived = (description: string) =>
  ({ type: 'boolean', description: `${description} Default: as archive.` }) as const
const accepted = (type: 'boolean' | 'integer' | 'string', value?: boolean | number) =>
  ({
    type,
    ...(value === undefined ? {} : { default: value }),
    description: "Accepted for Ansible playbooks; the task's own connection is used, and no rsync.",
  }) as const

export default defineModule({
  summary: 'Make a folder of the host like one of the controller, as rsync would; or the other way round.',
  description:
    'Over the connection that is open anyway: neither side needs rsync. Files of the same size and time are taken for the same; of others the digests are compared, and only those that differ are sent, all in one archive (the host needs tar). ' +
    'Owners and groups are set as root only, by name, or by number where the host has no such name.',
  params: {
    type: 'object',
    properties: {
      src: {
        type: 'string',
        minLength: 1,
        controllerFile: 'files',
        description: 'A file or folder; with a slash at its end, only what is in the folder.',
      },
      dest: {
        type: 'string',
        format: 'line',
        minLength: 1,
        description: 'Where to; on the controller (pull) seen from the playbook. The folder above it must be there.',
      },
      mode: {
        enum: ['push', 'pull'],
        default: 'push',
        description: 'push: from the controller to the host; pull: from the host to the controller, file by file.',
      },
      archive: flag(true, 'Sets recursive, links, perms, times, owner and group.'),
      recursive: archived('Folders with all that is in them.'),
      links: archived('Links as links; else they are left out.'),
      perms: archived('Modes as on the controller.'),
      times: archived('Times of the last change as on the controller.'),
      owner: archived('Owners as on the controller.'),
      group: archived('Groups as on the controller.'),
      dirs: flag(false, 'Without recursive: what is in the folder itself, not in those below.'),
      copy_links: flag(false, 'What links lead to, in their place.'),
      checksum: flag(false, 'Compare digests whatever size and time say.'),
      delete: flag(false, 'Remove what is in dest and not in src.'),
      existing_only: flag(false, 'Make nothing that is not there yet.'),
      rsync_opts: {
        type: 'array',
        items: {
          type: 'string',
          pattern: '^--(in|ex)clude[= ]',
          description: '--exclude=PATTERN or --include=PATTERN. No rsync runs that would know others.',
        },
        default: [],
        description:
          '--exclude=PATTERN and --include=PATTERN, the first that fits decides. What is left out is not removed either. No other: no rsync runs.',
      },
      link_dest: {
        type: 'array',
        items: { type: 'string', pattern: '^[/~]' },
        default: [],
        description:
          'Folders of the host: a file that is alike there (size, time, mode, owner) is linked, not sent. None of them may hold dest.',
      },
      compress: accepted('boolean', true),
      delay_updates: accepted('boolean', true),
      partial: accepted('boolean', false),
      dest_port: accepted('integer'),
      private_key: accepted('string'),
      rsync_path: accepted('string'),
      rsync_timeout: accepted('integer', 0),
      set_remote_user: accepted('boolean', true),
      ssh_connection_multiplexing: accepted('boolean', false),
      use_ssh_args: accepted('boolean', false),
      verify_host: accepted('boolean', false),
    },
    required: ['src', 'dest'],
    additionalProperties: false,
  },
  returns: {
    src: 'as asked',
    dest: 'as asked',
    sent: 'files that were sent, or brought',
    linked: 'files that became links (link_dest)',
    deleted: 'what was removed',
  },
  examples: [
    {
      title: 'A website, and nothing else',
      given: `- delegate_to: localhost\n  file: {path: /tmp/tsplay-site/img/old, state: directory}\n- delegate_to: localhost\n  copy: {dest: /tmp/tsplay-site/index.html, content: "<h1>Here</h1>"}\n- delegate_to: localhost\n  file: {path: /tmp/tsplay-site/start, src: index.html, state: link}\n- file: {path: /srv/site/left, state: directory}`,
      yaml: '- synchronize:\n    src: /tmp/tsplay-site/\n    dest: /srv/site\n    delete: true\n    owner: false\n    group: false',
    },
    {
      title: 'What a host has, brought here',
      given: '- file: {path: /srv/notes/2024, state: directory}\n- copy: {dest: /srv/notes/2024/one, content: note}',
      yaml: '- synchronize:\n    mode: pull\n    src: /srv/notes/\n    dest: /tmp/tsplay-notes',
    },
  ],
  check: (given) => demand(given as unknown as Params),
  async probe(host, given, controller): Promise<State | Refusal | { readonly pull: PullLook }> {
    const params = await withHomes(host, given as Params)
    const { links = params.archive, recursive = params.archive } = params
    const leftOut = mirrorFilter(params.rsync_opts)

    if (params.mode === 'pull') return { pull: await pulled(host, params, controller, leftOut) }
    const bare = /[^/]\/+$/.test(params.src)
    const path = (await controller.path(params.src, 'files')).replace(/(.)\/+$/, '$1')
    const depth = recursive ? Number.POSITIVE_INFINITY : bare ? 1 : 0
    // A slash at the end leads through a link.
    const local = await localTree(bare ? `${path}/` : path, { depth, follow: params.copy_links })
    const single = local[0]!.type !== 'directory'
    if (!single && !recursive && !params.dirs)
      return {
        failed: `${params.src} is a folder, and "recursive" of synchronize is off.`,
        hint: '"dirs: true" takes what is in it, but not what is below.',
      }
    const skipped = local.filter(({ type }) => type === 'other' || (type === 'link' && !links))
    const dest = params.dest.replace(/(.)\/+$/, '$1')
    const around = params.link_dest.find((folder) => `${dest}/`.startsWith(`${folder.replace(/\/+$/, '')}/`))
    if (around !== undefined)
      throw new Problem(
        'bad-parameter',
        `"link_dest" of synchronize cannot be ${around}, which dest (${dest}) is in.`,
        {
          hint: 'Name a folder beside it, such as the last backup.',
        },
      )
    const above = posix.dirname(dest)
    const base = Promise.all([
      host.read(identity, ''),
      host.stat(dest, { follow: true }),
      host.stat(above, { follow: true }),
    ])
    // A file takes the name of dest, unless that is a folder to be put in.
    const named = single && !params.dest.endsWith('/') && (await base)[1]?.type !== 'directory'
    const root = named ? above : dest
    const top = named ? posix.basename(dest) : bare && !single ? '' : posix.basename(path)
    const below = (relative: string) => [top, relative].filter(Boolean).join('/')
    // As rsync sees it: with the name of what is sent, where that goes along.
    const leaves = (relative: string, type: string) => {
      const whole = [bare && !single ? '' : posix.basename(path), relative].filter(Boolean).join('/')
      return whole !== '' && leftOut(whole, type === 'directory')
    }
    const placed = local
      .filter((entry) => !skipped.includes(entry) && !leaves(entry.relative, entry.type))
      .map((entry) => ({ entry, relative: below(entry.relative) }))
    const [[me, there, parent], items, all] = await Promise.all([
      base,
      lookAtMirror(host, root, placed, wishesOf(params), async (file) => {
        const { sha256 } = await controller.file(file, 'files', { decrypt: false })
        return sha256
      }),
      params.delete && !single ? host.read(tree, { path: posix.join(root, top) }) : null,
    ])
    const known = new Set(local.map(({ relative }) => relative))
    const found = nameable(posix.join(root, top), all ?? [])
    const kept = found.filter(({ relative, type }) => leaves(relative, type)).map(({ relative }) => relative)
    const extra = found.filter(
      ({ relative }) => !known.has(relative) && !kept.some((one) => one === relative || one.startsWith(`${relative}/`)),
    )
    const gone = new Set(extra.map(({ relative }) => relative))
    return {
      ...{ me, root, items, rootThere: named ? parent : there, aboveThere: parent?.type === 'directory' },
      // What is in a folder goes with it.
      extra: extra
        .filter(({ relative }) => !gone.has(posix.dirname(relative)))
        .map(({ relative, type }) => ({ relative: below(relative), type })),
      skipped: skipped.filter((entry) => !leaves(entry.relative, entry.type)).map((entry) => entry.path),
    }
  },
  plan(state: State | Refusal | { readonly pull: PullLook }, given): Plan {
    const params = given as Params
    if ('pull' in state) return pullPlan(state.pull, params)
    if ('failed' in state) return state
    const { root, rootThere, me, extra } = state
    const result = { src: params.src, dest: params.dest, sent: [], linked: [], deleted: [] }
    const warnings = state.skipped.map((path) => `${path} is left out: it is neither file nor folder.`)
    if (rootThere && rootThere.type !== 'directory') return { failed: `${root} is a ${rootThere.type}, not a folder.` }
    if (!rootThere && params.existing_only) return { result, warnings }
    if (!rootThere && !state.aboveThere)
      return { failed: `The folder ${posix.dirname(root)} is not there.`, hint: makeFirst(posix.dirname(root)) }
    if (params.delete && root === '/') return { failed: 'synchronize never removes what is in /.' }
    const plan = planMirror(root, state.items, extra, wishesOf(params), me)
    if (typeof plan === 'string') return { failed: plan }
    return {
      changes: [...(rootThere ? [] : [{ path: root, after: 'folder' }]), ...plan.changes],
      steps: [...(rootThere ? [] : [makeOwnDirectory(me, root, {})]), ...(plan.step ? [plan.step] : [])],
      warnings,
      result: {
        ...result,
        sent: plan.sent.map((relative) => posix.join(root, relative)),
        linked: plan.linked.map((relative) => posix.join(root, relative)),
        deleted: extra.map(({ relative }) => posix.join(root, relative)),
      },
    }
  },
})

/** What no schema can say. */
function demand(params: Params): void {
  const { recursive = params.archive } = params
  const bad = (parameter: string, message: string, hint: string) => new Misgiven(parameter, message, { hint })
  mirrorFilter(params.rsync_opts)
  if (params.delete && !recursive)
    throw bad('delete', '"delete" of "synchronize" needs "recursive".', 'Leave one of them out.')
  if (params.mode === 'push') return
  if (!/^[/~]/.test(params.src))
    throw bad(
      'src',
      `"src" of "synchronize" must be a whole path of the host (mode: pull), not ${params.src}.`,
      'It begins with a slash.',
    )
  if (params.copy_links)
    throw bad(
      'copy_links',
      '"copy_links" of "synchronize" is for mode: push.',
      'Leave it out: links are brought as links.',
    )
  if (params.link_dest.length > 0)
    throw bad('link_dest', '"link_dest" of "synchronize" is for mode: push.', 'Leave it out.')
}

/** `~` is the home on whichever side the path is. */
async function withHomes(host: Host, params: Params): Promise<Params> {
  const link_dest = await Promise.all(params.link_dest.map((path) => withHome(host, path)))
  if (params.mode === 'push') return { ...params, link_dest, dest: await withHome(host, params.dest) }
  const dest = params.dest.replace(/^~(?=\/|$)/, process.env['HOME'] ?? '~')
  return { ...params, dest, src: await withHome(host, params.src) }
}

async function pulled(host: Host, params: Params, controller: Controller, leftOut: MirrorFilter): Promise<PullLook> {
  const { links = params.archive, recursive = params.archive, src } = params
  const dest = resolve(controller.playbookDir, params.dest)
  const depth = recursive ? Number.POSITIVE_INFINITY : params.dirs || /[^/]\/+$/.test(src) ? Number(params.dirs) : 0
  return lookAtPull(host, {
    ...{ src, depth, links, leftOut, wishes: wishesOf(params) },
    dest: params.dest.endsWith('/') ? `${dest}/` : dest,
  })
}

function pullPlan({ failed, hint, changes, order, skipped }: PullLook, { src, dest }: Params): Plan {
  if (failed !== undefined) return { failed, ...(hint === undefined ? {} : { hint }) }
  const paths = (all: readonly string[]) => all.map((one) => (one === '' ? order!.to : join(order!.to, one)))
  return {
    changes,
    steps: order ? [pull(order)] : [],
    warnings: skipped.map((path) => `${path} is left out: it is neither file nor folder.`),
    result: {
      ...{ src, dest, linked: [] },
      sent: order ? paths(order.files.map(({ relative }) => relative)) : [],
      deleted: order ? paths(order.extra) : [],
    },
  }
}

function wishesOf(params: Params): MirrorWishes {
  const { archive, perms = archive, times = archive, owner = archive, group = archive, checksum } = params
  return {
    ...{ perms, times, owner, group, checksum, delete: params.delete, existing: params.existing_only },
    linkTo: params.link_dest,
  }
}
