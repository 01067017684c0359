// Shell texts that make a host's files lie on a file system with no room left, and take it away again.
const at = '/run/tsplay-full'
const folders = 'etc home mnt opt root srv tmp usr var'

/** What is written goes to a small file system, whatever is read comes from the host's own files. */
export const beginFull = `set -e
mkdir ${at}
mount -t tmpfs -o size=2m tmpfs ${at}
for d in ${folders}; do
  mkdir -p ${at}/$d/upper ${at}/$d/work
  chmod "$(stat -c %a /$d)" ${at}/$d/upper
  mount -t overlay overlay -o lowerdir=/$d,upperdir=${at}/$d/upper,workdir=${at}/$d/work /$d
done`

/** Not a byte is left, also where a task before has freed some. */
export const fill = `dd if=/dev/zero of=${at}/filled bs=1k oflag=append conv=notrunc 2>/dev/null || :`

/** What programs of the system write by the way. */
const OWN = [
  'var/upper/log',
  '*/lock',
  '*/lock-frontend',
  '*/.pwd.lock',
  'var/upper/cache/apt/*.bin*',
  'var/upper/lib/dpkg/updates/tmp.i',
]

/** Every file and link that was written there, and what was removed; folders where they are temporary. */
export const written = `cd ${at} && find */upper \\( ${OWN.map((path) => `-path '${path}'`).join(' -o ')} \\) -prune -o \\
  \\( ! -type d -o -name '.tsplay-*' \\) -printf '/%p %y %m %l ' \\
  \\( -type f -exec sh -c 'sha256sum <"$1"' sh {} \\; -o -printf '\\n' \\) | sed 's,/upper,,' | sort`

export const endFull = `systemctl stop tsplay-example 2>/dev/null
for d in ${folders}; do umount -Rl /$d; done
umount ${at} && rmdir ${at} && systemctl daemon-reload`

/** The same for folders of the controller. */
export const fullFolders = (paths: readonly string[]) =>
  paths.map((path) => `mkdir -p ${path} && mount -t tmpfs -o size=256k tmpfs ${path}`).join('\n')
export const fillFolders = (paths: readonly string[]) =>
  paths.map((path) => `dd if=/dev/zero of=${path}/filled bs=1k 2>/dev/null || :`).join('\n')
/** What other runs of the examples left there stays. */
export const endFolders = (paths: readonly string[]) =>
  paths.map((path) => `umount ${path} && { rmdir ${path} 2>/dev/null || :; }`).join('\n')
