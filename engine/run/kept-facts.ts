import type { HostState } from './host-state.ts'

/** Facts are found by their own names, `facts.x` and `ansible_facts.x`, and as `ansible_x`. */
export function keepFacts(state: HostState, facts: Readonly<Record<string, unknown>>): void {
  const before = (state.facts.get('facts') as { value?: Record<string, unknown> } | undefined)?.value ?? {}
  const all = { ...before }
  const named: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(facts)) {
    const short = name.startsWith('ansible_') ? name.slice('ansible_'.length) : name
    all[short] = value
    named[`ansible_${short}`] = value
  }
  state.set('facts', { ...named, facts: all, ansible_facts: all })
}
