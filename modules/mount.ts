import {
  backupName,
  bytesOf,
  type Change,
  defineModule,
  exec,
  Fstab,
  type FstabEntry,
  type Host,
  makeDirectory,
  mountedAt,
  quote,
  realPath,
  remove,
  type Step,
  textOf,
  write,
} from 'tsplay'

export default defineModule({
  summary: 'Mount and unmount file systems, now and in fstab.',
  description: 'Lines of fstab that are not this one stay to the byte.',
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', aliases: ['name'], description: 'Where it is mounted.' },
      src: { type: 'string', description: 'What is mounted: a device, UUID=…, a share.' },
      fstype: { type: 'string' },
      opts: { type: 'string', description: 'Options; default: defaults.' },
      dump: { type: 'string', default: '0' },
      passno: { type: 'string', default: '0' },
      state: {
        enum: ['mounted', 'unmounted', 'present', 'absent', 'remounted', 'ephemeral', 'absent_from_fstab'],
        description:
          'mounted: now and in fstab; present: in fstab; unmounted: not now; absent: neither, and the folder is gone; ephemeral: now, not in fstab.',
      },
      boot: { type: 'boolean', default: true, description: 'Mount at boot; false adds noauto.' },
      fstab: { type: 'string', format: 'path', description: 'The file. Default: /etc/fstab.' },
      backup: { type: 'boolean', default: false, description: 'Keep the old fstab beside the new one.' },
    },
    required: ['path', 'state'],
    additionalProperties: false,
  },
  returns: { name: 'the path', src: 'what is mounted', opts: 'the options' },
  examples: [
    {
      title: 'A file system in memory',
      yaml: '- mount:\n    path: /mnt/scratch\n    src: tmpfs\n    fstype: tmpfs\n    opts: size=1m\n    state: mounted',
    },
  ],
  async probe(host, params) {
    const { fstab: table = '/etc/fstab' } = params
    const [fstab, file, mounted, folder] = await Promise.all([
      host.content(table),
      host.read(realPath, table),
      host.read(mountedAt, params.path),
      host.stat(params.path, { follow: true }),
    ])
    const { src } = params
    const same =
      mounted === null ||
      src === undefined ||
      sameSource(mounted.source, src) ||
      (await isOn(host, mounted.source, src, params.path))
    const backup = params.backup ? backupName(file, new Date(), process.pid) : undefined
    return { fstab: fstab === null ? null : textOf(fstab), file, mounted, folder: folder !== null, same, backup }
  },
  plan({ fstab, file, mounted, folder, same, backup }, params) {
    const { path, state, src, fstype } = params
    const changes: Change[] = []
    const steps: Step[] = []
    const needs = state === 'mounted' || state === 'present' || state === 'ephemeral'
    if (needs && (src === undefined || fstype === undefined))
      return { failed: `mount needs "src" and "fstype" with state ${state}.` }
    const given = params.opts ?? 'defaults'
    const options = params.boot || given.split(',').includes('noauto') ? given : `${given},noauto`
    const table = new Fstab(fstab ?? '')
    if (state === 'mounted' || state === 'present')
      table.set({
        source: src!,
        path,
        fstype: fstype!,
        options,
        dump: params.dump,
        pass: params.passno,
      } satisfies FstabEntry)
    else if (state === 'absent' || state === 'absent_from_fstab') table.remove(path)
    const differs = table.text !== (fstab ?? '')
    const attributes = fstab === null ? { mode: '0644' } : { backup }
    const tabled = differs ? [write({ path: file, content: bytesOf(table.text), ...attributes })] : []
    if (differs) changes.push({ path: file, ...(fstab === null ? {} : { before: fstab }), after: table.text })
    const act = (show: string, script: string, gives: unknown, change: Change) => {
      changes.push(change)
      steps.push(
        exec({
          show,
          script,
          effects: [
            { read: mountedAt.name, key: path, gives },
            { forgets: 'stat' },
            { forgets: 'content' },
            { forgets: 'digest' },
            { forgets: 'listing' },
          ],
        }),
      )
    }
    const words = (flags: string[]) => ['mount', ...flags, '--', quote(src ?? ''), quote(path)].join(' ')
    if (state === 'mounted' || state === 'ephemeral') {
      if (!folder) {
        changes.push({ path, after: 'folder' })
        // What is mounted covers the folder's own mode and owner.
        steps.push({
          ...makeDirectory(path),
          script: `mkdir -p -- ${quote(path)}`,
          effects: [{ file: { path, type: 'directory' } }],
        })
      }
      const other = mounted !== null && !same && !/^(UUID|LABEL|PARTUUID|PARTLABEL)=|^\/dev\/(disk|mapper)\//.test(src!)
      if (other && state === 'ephemeral')
        return {
          failed: `${mounted.source} is mounted at ${path}, not ${src}.`,
          hint: 'Unmount it first (state: unmounted).',
        }
      const flags = ['-t', quote(fstype!), ...(options === 'defaults' ? [] : ['-o', quote(options)])]
      const mounts = folder ? words(flags) : `${words(flags)} || { s=$?; rmdir -- ${quote(path)}; exit $s; }`
      if (mounted === null)
        act(`mount ${src} at ${path}`, mounts, { source: src, fstype, options }, { path: `mount ${path}`, after: src })
      else if (other)
        act(
          `mount ${src} at ${path} instead of ${mounted.source}`,
          `umount -- ${quote(path)} && ${words(flags)}`,
          { source: src, fstype, options },
          { path: `mount ${path}`, before: mounted.source, after: src },
        )
      else if (differs && state === 'mounted')
        act(
          `mount ${path} again with its options`,
          `mount -o ${quote(`remount,${options}`)} -- ${quote(path)}`,
          { ...mounted, options },
          { path: `mount ${path} options`, before: mounted.options, after: options },
        )
    } else if (state === 'remounted') {
      if (mounted === null) return { failed: `Nothing is mounted at ${path}.`, hint: 'Use state: mounted.' }
      act(
        `mount ${path} again`,
        `mount -o ${quote(params.opts === undefined ? 'remount' : `remount,${params.opts}`)} -- ${quote(path)}`,
        {},
        { path: `mount ${path}`, before: 'mounted', after: 'mounted again' },
      )
    } else if (state === 'unmounted' || state === 'absent') {
      if (mounted !== null)
        act(`unmount ${path}`, `umount -- ${quote(path)}`, null, { path: `mount ${path}`, before: mounted.source })
      if (state === 'absent' && folder && (differs || mounted !== null)) {
        changes.push({ path, before: 'folder' })
        // Never with anything in it: the mount may have hidden files.
        steps.push({ ...remove(path), show: `remove folder ${path}`, script: `rmdir -- ${quote(path)}` })
      }
    }
    return {
      changes,
      // A line that cannot be mounted could keep the host from booting.
      steps: state === 'mounted' ? [...steps, ...tabled] : [...tabled, ...steps],
      repeats: state === 'remounted',
      result: {
        name: path,
        src,
        fstype,
        opts: options,
        boot: params.boot ? 'yes' : 'no',
        dump: params.dump,
        passno: params.passno,
        fstab: params.fstab ?? '/etc/fstab',
        ...(differs && fstab !== null && backup !== undefined ? { backup_file: backup } : {}),
      },
    }
  },
})

/** Whether a device or folder by another name is what is mounted: behind a link, a loop device, or bound to the path. */
async function isOn(host: Host, source: string, src: string, path: string): Promise<boolean> {
  if (!src.startsWith('/')) return false
  const loop = `/sys/block/${source.slice(source.lastIndexOf('/') + 1)}/loop/backing_file`
  const { status } = await host.query(
    `[ ${quote(source)} -ef ${quote(src)} ] || [ ${quote(path)} -ef ${quote(src)} ] || { [ -e ${quote(loop)} ] && [ "$(cat ${quote(loop)})" -ef ${quote(src)} ]; }`,
  )
  return status === 0
}

function sameSource(now: string, wanted: string): boolean {
  return now === wanted || now.replace(/\/$/, '') === wanted.replace(/\/$/, '')
}
