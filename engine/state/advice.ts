/** By what hosts say, the first that fits. */
const known: readonly (readonly [said: RegExp, hint: string])[] = [
  [
    /No space left on device|Disk quota exceeded|enough free space|more space needed on/,
    'The disk is full (see "df -h" and "df -i" on the host): free some space, then run again.',
  ],
  [/Read-only file system/, 'That file system is mounted read-only: see "mount" and "dmesg" on the host.'],
  [/another package manager was still at work/, 'Wait until it is done, or allow more time with "lock_timeout".'],
  [
    /Unable to locate package|Unable to find a match|No package \S+ available/,
    'Check the name; "update_cache: true" reads the lists of packages anew.',
  ],
  [
    /dubious ownership/,
    'Act as the owner of the repository (become_user), or name it in "safe.directory" of git on the host.',
  ],
  [
    /Permission denied|Access denied|[Ii]nteractive authentication required|(?:are|must be) (?:you )?root|required read\/write access/,
    'Missing rights: the task may need "become: true".',
  ],
  [
    /Operation not permitted/,
    'Missing rights: the task may need "become: true"; root meets it at immutable files (lsattr shows them).',
  ],
  [
    /cannot lock \/etc\/\w+/,
    'Another program changes accounts: run again. Or /etc cannot be written: see "mount" on the host.',
  ],
  [/^The host has no program "/m, 'Install the package that brings it, with a task before this one.'],
]

/** What to do about what a host said; undefined: nobody knows. */
export const adviceOn = (words: string): string | undefined => known.find(([said]) => said.test(words))?.[1]

/** What a host said, without a shell's own way of saying that a program is missing, nor with what we write files. */
export const plainly = (words: string): string =>
  words
    .replace(
      /^\S*sh: (?:line )?(?:\d+: )?(?:(?:eval|exec): )?([^\s:]+): (?:command )?not found$/gm,
      'The host has no program "$1".',
    )
    .replace(/\n(?:base64|cat): write error$/gm, '')
    .replace(/^(?:base64|cat): write error: /gm, '')
    .replace(/^mv: cannot move '(?:file|\.tsplay-\w+)' to '/gm, "cannot replace '")
