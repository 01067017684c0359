// Files that change without anybody changing the host, and why they do not count as changes of it.
export const marks: readonly { path: RegExp; why: string }[] = [
  { path: /^\/var\/log\/(wtmp|btmp|lastlog|faillog)$/, why: 'each login is recorded here' },
  { path: /^\/var\/log\/(auth\.log|journal(\/.*)?)$/, why: 'sshd and sudo log here' },
  { path: /^\/var\/lib\/sudo(\/.*)?$/, why: 'sudo remembers whom it has lectured' },
  {
    path: /^\/(home\/[^/]+|root)\/\.sudo_as_admin_successful$/,
    why: 'sudo notes that its hint is not needed any more',
  },
  {
    path: /^\/var\/lib\/systemd\/(random-seed|timers(\/.*)?|catalog(\/.*)?)$/,
    why: 'systemd keeps its seed and clocks here',
  },
  { path: /^\/var\/lib\/logrotate(\/.*)?$/, why: 'logrotate keeps its dates here' },
  { path: /^\/(run|proc|sys|dev)(\/.*)?$/, why: 'not on the disk: gone when the host is switched off' },
  {
    path: /^(\/var)?\/tmp\/systemd-private-[^/]*(\/.*)?$/,
    why: 'a service with a temporary folder of its own has it here',
  },
  { path: /^\/etc\/(machine-id|\.pwd\.lock|\.updated)$|^\/var\/\.updated$/, why: 'systemd writes it at a start' },
]

export const isMark = (path: string) => marks.some((mark) => mark.path.test(path))
