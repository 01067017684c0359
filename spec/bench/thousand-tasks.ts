/** A project of 20 roles with 50 tasks each, for 20 hosts: templates, loops, conditions, handlers, registers, includes. */
export function thousandTasks(): Record<string, string> {
  const files: Record<string, string> = {}
  const hosts = Array.from({ length: 20 }, (_, index) => `h${index + 1}`)
  files['inventory.yml'] = [
    'all:',
    '  vars: {domain: example.org, retries_wanted: 3}',
    '  children:',
    `    web: {hosts: {${hosts
      .slice(0, 10)
      .map((name, index) => `${name}: {number: ${index}}`)
      .join(', ')}}}`,
    `    db: {hosts: {${hosts
      .slice(10)
      .map((name, index) => `${name}: {number: ${index}}`)
      .join(', ')}}}`,
    '',
  ].join('\n')
  files['group_vars/web.yml'] = 'port: 80\nkind: web\n'
  files['group_vars/db.yml'] = 'port: 5432\nkind: db\n'
  const roles = Array.from({ length: 20 }, (_, index) => `role${index + 1}`)
  for (const role of roles) Object.assign(files, roleFiles(role))
  files['site.yml'] = `- hosts: all\n  gather_facts: true\n  vars: {base: /srv}\n  roles: [${roles.join(', ')}]\n`
  return files
}

function roleFiles(role: string): Record<string, string> {
  const tasks = Array.from({ length: 50 }, (_, index) => task(role, index))
  const at = `roles/${role}`
  return {
    [`${at}/tasks/main.yml`]: tasks.join(''),
    [`${at}/defaults/main.yml`]: [
      `${role}_folder: "{{base}}/${role}"`,
      `${role}_names: [a, b, c]`,
      `${role}_on: true`,
      `${role}_size: !expr 'number * 2 + retries_wanted'`,
      `${role}_users: [{name: ann, id: 1}, {name: bob, id: 2}]`,
      '',
    ].join('\n'),
    [`${at}/handlers/main.yml`]: `- {name: restart ${role}, command: "true"}\n`,
    [`${at}/templates/conf.hbs`]: [
      '# {{inventory_hostname}}.{{domain}}',
      `{{#each ${role}_users}}`,
      'user {{name}} {{id}} {{@root.port}}',
      '{{/each}}',
      `{{#if ${role}_on}}folder={{${role}_folder}}{{/if}}`,
      `size={{${role}_size}} os={{facts.os_family}}`,
      '',
    ].join('\n'),
  }
}

function task(role: string, index: number): string {
  const name = `- name: ${role} ${index}\n`
  switch (index % 10) {
    case 0:
      return `${name}  file: {path: "{{${role}_folder}}/${index}", state: directory, mode: "0755"}\n`
    case 1:
      return `${name}  template: {src: conf.hbs, dest: "{{${role}_folder}}/conf${index}"}\n  notify: restart ${role}\n`
    case 2:
      return `${name}  command: echo {{item}} {{port}}\n  loop: "{{${role}_names}}"\n  register: ${role}_r${index}\n  changed_when: false\n`
    case 3:
      return `${name}  debug: {msg: "{{item.stdout}}"}\n  loop: !expr ${role}_r${index - 1}.results\n  loop_control: {label: "{{item.item}}"}\n`
    case 4:
      return `${name}  copy: {dest: "{{${role}_folder}}/${index}", content: "{{to_json ${role}_users}}\\n"}\n  when: ${role}_on && inventory_hostname in groups.web\n`
    case 5:
      return `${name}  command: check {{${role}_size}}\n  register: ${role}_c${index}\n  failed_when: ${role}_c${index}.rc > 1\n  changed_when: ${role}_c${index}.rc == 1\n`
    case 6:
      return `${name}  set_fact: {${role}_fact${index}: "{{${role}_c${index - 1}.stdout}}"}\n  when: succeeded(${role}_c${index - 1})\n`
    case 7:
      return `${name}  lineinfile: {path: /etc/hosts, line: "{{item.name}} {{item.id}}"}\n  loop: "{{${role}_users}}"\n  when: item.id > 1 && kind == "db"\n`
    case 8:
      return `${name}  debug: {msg: "{{default ${role}_fact${index - 2} 'none'}} {{facts.distribution}}"}\n  when: defined(${role}_fact${index - 2})\n`
    default:
      return `${name}  stat: {path: "{{${role}_folder}}"}\n  register: ${role}_s${index}\n  until: ${role}_s${index}.stat.exists\n  retries: !expr retries_wanted\n`
  }
}
