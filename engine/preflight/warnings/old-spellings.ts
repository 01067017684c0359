import { Problem } from '../../base/problem.ts'
import type { Written } from './written.ts'

const variables: Readonly<Record<string, string>> = {
  ansible_ssh_host: 'ansible_host',
  ansible_ssh_port: 'ansible_port',
  ansible_ssh_user: 'ansible_user',
  ansible_ssh_pass: 'ansible_password',
  ansible_sudo: 'ansible_become',
  ansible_sudo_user: 'ansible_become_user',
  ansible_sudo_pass: 'ansible_become_password',
  ansible_su: 'ansible_become',
  ansible_su_user: 'ansible_become_user',
  ansible_su_pass: 'ansible_become_password',
}

/** Words that work still, and that Ansible has replaced. */
export function oldSpellings(written: Written): Problem[] {
  const found: Problem[] = []
  const tell = (old: string, now: string, at: Problem['spans'][number] | undefined) =>
    found.push(new Problem('old-spelling', `"${old}" is an old spelling`, { at, hint: `Write "${now}".` }))
  for (const task of written.tasks) {
    const { source, start, end } = task.actionSpan
    const word = source.text.slice(start, end)
    if (/^(?:ansible\.builtin\.)?include$/.test(word)) tell(word, 'include_tasks', task.actionSpan)
  }
  for (const layer of written.inventoryLayers()) {
    for (const [name, variable] of layer.variables)
      if (Object.hasOwn(variables, name))
        tell(name, variables[name]!, 'node' in variable ? variable.node.span : variable.span)
  }
  return found
}
