/** A play whose tasks may share round trips, and what must be so then. */
export interface Story {
  readonly title: string
  /** Below `tasks:`, or a whole play. */
  readonly tasks: string
  /** On `h1` alone, unless it says otherwise. */
  readonly hosts?: string
  readonly play?: string
  readonly files?: Readonly<Record<string, string>>
  /** Shell text that each host runs first. */
  readonly before?: string
  readonly words?: readonly string[]
  /** Round trips of h1. */
  readonly trips: number
  /** What must be in /srv of h1 then: names. */
  readonly left: readonly string[]
}

/** A task that makes a file of its own name in /srv. */
export const made = (name: string, more = '') =>
  `    - {name: ${name}, copy: {dest: /srv/${name}, content: "${name}\\n"}${more}}\n`

export const stories: readonly Story[] = [
  {
    title: 'folders, files, edits and links that need each other are made together',
    tasks: `    - {file: {path: /srv/d/e, state: directory, mode: '0750'}}
    - {copy: {dest: /srv/d/e/f, content: "a = 1\\n"}}
    - {lineinfile: {path: /srv/d/e/f, line: b = 2}}
    - {lineinfile: {path: /srv/d/e/f, regexp: '^a', line: a = 3}}
    - {ini_file: {path: /srv/d/e/ini, section: s, option: o, value: v, create: true}}
    - {blockinfile: {path: /srv/d/e/f, block: "c\\nd"}}
    - {replace: {path: /srv/d/e/f, regexp: '^d$', replace: e}}
    - {file: {src: /srv/d/e/f, dest: /srv/l, state: link}}
    - {template: {src: t.hbs, dest: /srv/t}}
    - {group: {name: sharers, gid: 4100}}
    - {file: {path: /srv/d, mode: '0700', group: sharers}}
    - {file: {path: /srv/gone, state: absent}}\n`,
    files: { 't.hbs': 'of {{inventory_hostname}}\n' },
    trips: 3,
    left: ['d', 'd/e', 'd/e/f', 'd/e/ini', 'l', 't'],
  },
  {
    title: 'what stands behind a failure is not made',
    tasks: `${made('a')}    - {copy: {dest: /srv/a/b, content: x}}\n${made('c')}`,
    trips: 2,
    left: ['a'],
  },
  {
    title: 'a failure that only the steps meet ends it there',
    tasks: `${made('a')}    - {copy: {dest: /srv/b, content: x, validate: 'false %s'}}\n${made('c')}`,
    trips: 3,
    left: ['a'],
  },
  {
    title: 'a failure that is ignored, rescued, and seen to',
    tasks: `    - block:
        - {copy: {dest: /srv/a, content: a}}
        - {copy: {dest: /srv/b, content: b, validate: 'false %s'}, ignore_errors: true, register: b}
        - {copy: {dest: /srv/c, content: "{{b.failed}}"}}
        - {copy: {dest: /srv/d, content: d, validate: 'false %s'}}
        - {copy: {dest: /srv/e, content: e}}
      rescue:
        - {copy: {dest: /srv/rescued, content: r}}
        - {copy: {dest: /srv/rescued2, content: r}}
      always:
        - {copy: {dest: /srv/always, content: a}}
        - {copy: {dest: /srv/always2, content: a}}\n${made('z')}`,
    trips: 9,
    left: ['a', 'always', 'always2', 'c', 'rescued', 'rescued2', 'z'],
  },
  {
    title: 'who uses what a task before registers waits for it',
    tasks: `    - {copy: {dest: /srv/a, content: a}, register: a}
    - {copy: {dest: /srv/b, content: b}, when: 1 < 2}
    - {copy: {dest: /srv/c, content: "{{a.checksum}}"}}
    - {copy: {dest: /srv/d, content: d}, when: a.changed}
    - {copy: {dest: /srv/e, content: "{{hostvars.h1.a.dest}}"}}
    - {template: {src: t.hbs, dest: /srv/t}}\n`,
    files: { 't.hbs': '{{a.dest}}\n' },
    trips: 5,
    left: ['a', 'b', 'c', 'd', 'e', 't'],
  },
  {
    title: 'a task that is said to fail, or to change, by its result has none behind it',
    tasks: `    - {copy: {dest: /srv/a, content: a}, changed_when: false}
    - {copy: {dest: /srv/b, content: b}}
    - {copy: {dest: /srv/c, content: c}, failed_when: true}
    - {copy: {dest: /srv/d, content: d}}\n`,
    trips: 3,
    left: ['a', 'b', 'c'],
  },
  {
    title: 'nor has one whose handler nobody knows before',
    tasks: `    - {copy: {dest: /srv/a, content: a}, notify: '{{add "no" "body"}}'}\n${made('b')}`,
    trips: 2,
    left: ['a'],
  },
  {
    title: 'handlers run behind what notified them',
    play: `  handlers:\n    - {name: one, shell: ls /srv >/srv/seen}\n  tasks:\n`,
    tasks: `${made('a', ', notify: one')}${made('b')}    - {meta: flush_handlers}\n${made('c')}`,
    trips: 4,
    left: ['a', 'b', 'c', 'seen'],
  },
  {
    title: 'a command sees just what was before it',
    tasks: `${made('a')}${made('b')}    - {shell: ls /srv | tr '\\n' ' ', register: seen}
    - {debug: {var: seen.stdout}}\n${made('c')}${made('d')}`,
    trips: 5,
    left: ['a', 'b', 'c', 'd'],
  },
  {
    title: 'a look between two changes sees the first alone',
    tasks: `    - {copy: {dest: /srv/a, content: a}}
    - {stat: {path: /srv/a}, register: first}
    - {copy: {dest: /srv/a, content: abc}}
    - {stat: {path: /srv/a}, register: second}
    - {debug: {msg: "{{first.stat.size}} {{second.stat.size}}"}}
    - {copy: {dest: /srv/b, content: b}}
    - {stat: {path: /srv/other}}
    - {copy: {dest: /srv/c, content: c}}\n`,
    trips: 5,
    left: ['a', 'b', 'c'],
  },
  {
    title: 'items of a loop, one of which fails',
    tasks: `    - {copy: {dest: "/srv/{{item}}", content: "{{item}}", validate: "sh -c '! grep -q c %s'"}, loop: [a, b, c, d, e, a], register: r, ignore_errors: true}
    - {debug: {msg: "{{r.results}}"}}
    - {copy: {dest: "/srv/{{item}}", content: "{{item}}"}, loop: [f, g, h], when: "item != 'g'"}\n`,
    trips: 7,
    left: ['a', 'b', 'd', 'e', 'f', 'h'],
  },
  {
    title: 'items that pause, or are tried until, go one by one',
    tasks: `    - {copy: {dest: "/srv/{{item}}", content: x}, loop: [a, b], loop_control: {pause: 0.1}}
    - {copy: {dest: "/srv/{{item}}", content: x}, loop: [c, d], register: r, until: '!r.failed'}\n`,
    trips: 5,
    left: ['a', 'b', 'c', 'd'],
  },
  {
    title: 'no host is ahead of a failure that is fatal for all',
    hosts: 'h1:h2',
    play: '  any_errors_fatal: true\n  tasks:\n',
    tasks: `    - {copy: {dest: /srv/a, content: a}}
    - {copy: {dest: "{{#if (eq inventory_hostname 'h2')}}/srv/a/x{{else}}/srv/b{{/if}}", content: b}}\n${made('c')}`,
    trips: 3,
    left: ['a', 'b'],
  },
  {
    title: 'who is still in the play is asked when it is known',
    hosts: 'h1:h2',
    tasks: `    - {copy: {dest: /srv/a, content: a}}
    - {copy: {dest: "/srv/{{#if (eq inventory_hostname 'h2')}}a/x{{else}}b{{/if}}", content: b}}
    - {copy: {dest: /srv/c, content: "{{join ansible_play_hosts ' '}}"}}
    - {copy: {dest: /srv/d, content: d}}\n`,
    trips: 3,
    left: ['a', 'b', 'c', 'd'],
  },
  {
    title: 'another user, another environment, another host: another trip',
    tasks: `${made('a')}    - {copy: {dest: /srv/b, content: b}, become: true, become_user: nobody, ignore_errors: true}
${made('c')}${made('d', ', environment: {A: b}')}    - {copy: {dest: /srv/e, content: e}, delegate_to: h2}
${made('f')}`,
    trips: 8,
    left: ['a', 'c', 'd', 'f'],
  },
  {
    title: 'roles, tags and conditions',
    play: `  roles: [one, one, two]\n  tasks:\n`,
    tasks: `${made('a', ', tags: [no]')}${made('b', ', when: false')}${made('c')}${made('d')}`,
    files: {
      'roles/one/tasks/main.yml': '- {copy: {dest: /srv/r1, content: r}}\n- {copy: {dest: /srv/r2, content: r}}\n',
      'roles/two/tasks/main.yml': '- {copy: {dest: /srv/r3, content: r}}\n',
    },
    words: ['--skip-tags', 'no'],
    trips: 3,
    left: ['c', 'd', 'r1', 'r2', 'r3'],
  },
  {
    title: 'a block that hosts go through by turns',
    hosts: 'h1:h2',
    tasks: `${made('a')}    - throttle: 1
      block:
        - {copy: {dest: /srv/b, content: b}}
        - {copy: {dest: /srv/c, content: c}}
${made('d')}${made('e')}`,
    trips: 5,
    left: ['a', 'b', 'c', 'd', 'e'],
  },
  {
    title: 'a template over the hosts that are left is filled in when they are known',
    tasks: `${made('a')}    - {template: {src: t.hbs, dest: /srv/t}}\n${made('b')}`,
    files: { 't.hbs': '{{#each ansible_play_hosts}}server {{this}}\n{{/each}}' },
    trips: 3,
    left: ['a', 'b', 't'],
  },
  {
    title: 'nothing behind a block is made for who failed in it, though its always is',
    tasks: `    - block: [{command: /bin/false}]
      always: [{copy: {dest: /srv/always, content: a}}, {copy: {dest: /srv/always2, content: a}}]
${made('b')}`,
    trips: 3,
    left: ['always', 'always2'],
  },
  {
    title: 'a text behind a link that is switched is that of the new place',
    before: 'mkdir /srv/1 /srv/2; echo one >/srv/1/f; echo two >/srv/2/f; ln -s /srv/1 /srv/now',
    tasks: `    - {file: {src: /srv/2, path: /srv/now, state: link}}
    - {lineinfile: {path: /srv/now/f, line: more}}
    - {file: {src: /srv/2/f, path: /srv/hard, state: hard}}
    - {lineinfile: {path: /srv/hard, line: x, create: true}}\n`,
    trips: 5,
    left: ['1', '1/f', '2', '2/f', 'hard', 'now'],
  },
  {
    title: 'a new home is as its host makes it',
    tasks: `    - {user: {name: web, home: /srv/web}}
    - {lineinfile: {path: /srv/web/.bashrc, line: export A=1, create: true, owner: web}}
    - {file: {path: /srv/web, state: directory, owner: root, group: root, mode: '0755'}}\n`,
    trips: 3,
    left: ['web', 'web/.bash_logout', 'web/.bashrc', 'web/.profile'],
  },
  {
    title: 'facts that a task brings are known to those behind it',
    tasks: `${made('a')}    - {package_facts: }
    - {shell: ls /srv >/srv/seen, when: "'packages' in ansible_facts"}\n${made('c')}`,
    trips: 4,
    left: ['a', 'c', 'seen'],
  },
  {
    title: 'what another host learns is known to those behind it',
    hosts: 'h1:h2',
    play: '  vars: {need: false}\n  tasks:\n',
    tasks: `${made('a')}    - {set_fact: {need: true}, when: inventory_hostname == 'h2'}
    - {shell: ls /srv >/srv/seen, when: "'need' in hostvars.h2 && hostvars.h2.need"}
${made('c')}    - {copy: {dest: /srv/d, content: d}, when: "!('need' in hostvars.h2)"}
    - {lineinfile: {path: /srv/d, line: x, create: true}}\n`,
    trips: 4,
    left: ['a', 'c', 'd', 'seen'],
  },
  {
    title: 'what is another each time is made once',
    tasks: `${made('a')}    - {user: {name: web, create_home: false, password: !expr "password_hash('x')", update_password: on_create}}
${made('b')}`,
    trips: 3,
    left: ['a', 'b'],
  },
  {
    title: 'whom a new file belongs to says its folder',
    before: 'mkdir /srv/shared; chgrp 50 /srv/shared; chmod 2775 /srv/shared',
    tasks: `    - {copy: {dest: /srv/shared/f, content: x}}
    - {file: {path: /srv/shared/f, group: root, mode: '0600'}}
    - {copy: {dest: /srv/shared/g, content: x, owner: '1'}}
    - {file: {path: /srv/shared/g, owner: daemon}}\n`,
    trips: 4,
    left: ['shared', 'shared/f', 'shared/g'],
  },
]
