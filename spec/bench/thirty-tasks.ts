/** What the template of the thirty tasks says; the same in both languages. */
export const template = '# {{ inventory_hostname }}\nnumber {{ number }}\n'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** Thirty tasks of everyday kinds, spelt alike for tsplay and for Ansible; both leave the same. They need site.tpl and `number`. */
export const thirtyTasks = `- hosts: all
  gather_facts: false
  tasks:
${[
  'file: {path: /opt/bench, state: directory}',
  ...numbers(4).map((n) => `file: {path: /opt/bench/d${n}, state: directory, mode: '0750'}`),
  ...numbers(5).map(
    (n) => `copy: {dest: /opt/bench/d1/f${n}, content: "{{ inventory_hostname }} ${n}\\n", mode: '0640'}`,
  ),
  ...numbers(4).map((n) => `template: {src: site.tpl, dest: /opt/bench/d2/t${n}, mode: '0644'}`),
  ...numbers(4).map(
    (n) =>
      `lineinfile: {path: /opt/bench/d3/conf${n}, line: "line ${n}", create: true, mode: '0644'}\n      when: number > 0`,
  ),
  ...numbers(3).map((n) => `file: {src: /opt/bench/d1/f${n}, dest: /opt/bench/d4/l${n}, state: link}`),
  'group: {name: bench, gid: 4000}',
  'user: {name: bench, uid: 4000, group: bench, home: /opt/bench, create_home: false, shell: /bin/sh}',
  ...numbers(3).map((n) => `command: {cmd: touch /opt/bench/d4/made${n}, creates: /opt/bench/d4/made${n}}`),
  ...numbers(3).map((n) => `stat: {path: /opt/bench/d1/f${n}}\n      register: seen${n}`),
  `copy: {dest: /opt/bench/last, content: "all is there\\n", mode: '0600'}\n      when: seen3.stat.exists`,
]
  .map((task) => `    - ${task}\n`)
  .join('')}`

/** The same as a person does them over ssh, a command each; @HOST@ and @NUMBER@ stand for the host's. */
export const thirtyCommands: readonly string[] = [
  'install -d -m 755 /opt/bench',
  ...numbers(4).map((n) => `install -d -m 750 /opt/bench/d${n}`),
  ...numbers(5).map((n) => kept(`/opt/bench/d1/f${n}`, `@HOST@ ${n}\\n`, '640')),
  ...numbers(4).map((n) => kept(`/opt/bench/d2/t${n}`, '# @HOST@\\nnumber @NUMBER@\\n', '644')),
  ...numbers(4).map((n) => {
    const file = `/opt/bench/d3/conf${n}`
    return `touch ${file}; chmod 644 ${file}; grep -qx 'line ${n}' ${file} || echo 'line ${n}' >>${file}`
  }),
  ...numbers(3).map((n) => {
    const [link, file] = [`/opt/bench/d4/l${n}`, `/opt/bench/d1/f${n}`]
    return `[ "$(readlink ${link})" = ${file} ] || ln -sfn ${file} ${link}`
  }),
  'getent group bench >/dev/null || groupadd -g 4000 bench',
  'getent passwd bench >/dev/null || useradd -u 4000 -g bench -d /opt/bench -M -s /bin/sh bench',
  ...numbers(3).map((n) => `[ -e /opt/bench/d4/made${n} ] || touch /opt/bench/d4/made${n}`),
  ...numbers(3).map((n) => `stat /opt/bench/d1/f${n}`),
  `! [ -e /opt/bench/d1/f3 ] || { ${kept('/opt/bench/last', 'all is there\\n', '600')}; }`,
]

/** Shell text that sees to a file's content and mode. */
export function kept(file: string, content: string, mode: string): string {
  return `printf '${content}' | cmp -s - ${file} || printf '${content}' >${file}; chmod ${mode} ${file}`
}
