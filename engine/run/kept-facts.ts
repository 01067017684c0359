import type { HostState } from './host-state.ts'

/** Facts are found by the names that modules give them, and in `facts` and `ansible_facts` without ansible_, as in Ansible. */
export function keepFacts(state: HostState, facts: Readonly<Record<string, unknown>>): void {
  const before = (state.facts.get('facts') as { value?: Record<string, unknown> } | undefined)?.value ?? {}
  // Ansible keeps the name of the host's own facts.
  const plain = Object.entries(facts).map(([name, value]) => [name.replace(/^ansible_(?!local$)/, ''), value] as const)
  const all = { ...before, ...Object.fromEntries(plain) }
  state.set('facts', { ...facts, facts: all, ansible_facts: all })
}
