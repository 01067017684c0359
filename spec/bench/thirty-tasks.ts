/** Thirty tasks of everyday kinds, spelt for tsplay and for Ansible; both leave the same files. */
export function thirtyTasks(language: 'tsplay' | 'ansible'): string {
  const when = language === 'tsplay' ? 'inventory_hostname != ""' : "inventory_hostname != ''"
  const tasks: string[] = []
  for (let index = 1; index <= 5; index++)
    tasks.push(`    - file: {path: /opt/bench/d${index}, state: directory, mode: '0750'}`)
  for (let index = 1; index <= 10; index++)
    tasks.push(
      `    - copy: {dest: /opt/bench/d1/f${index}, content: "{{ inventory_hostname }} ${index}\\n", mode: '0640'}`,
    )
  for (let index = 1; index <= 5; index++)
    tasks.push(
      `    - lineinfile: {path: /opt/bench/d3/conf${index}, line: "line ${index}", create: true, mode: '0644'}\n      when: ${when}`,
    )
  for (let index = 1; index <= 5; index++)
    tasks.push(`    - file: {src: /opt/bench/d1/f${index}, dest: /opt/bench/d2/l${index}, state: link}`)
  for (let index = 1; index <= 5; index++)
    tasks.push(`    - stat: {path: /opt/bench/d1/f${index}}\n      register: s${index}`)
  return `- hosts: all\n  gather_facts: false\n  tasks:\n    - file: {path: /opt/bench, state: directory}\n${tasks.join('\n')}\n`
}
