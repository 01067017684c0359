/**
 * Where a variable was set decides which value wins: the higher rank. The order is Ansible's, low to high; Ansible lays
 * group_vars/all over the variables that an inventory file itself gives its groups, so those come first here too.
 */
export const ranks = {
  roleDefaults: 10,
  inventoryAll: 20,
  inventoryGroup: 25,
  groupVarsAll: 30,
  playbookGroupVarsAll: 35,
  groupVars: 50,
  playbookGroupVars: 55,
  inventoryHost: 60,
  hostVars: 70,
  playbookHostVars: 75,
  facts: 80,
  playVars: 90,
  varsPrompt: 100,
  varsFiles: 110,
  roleVars: 120,
  blockVars: 130,
  taskVars: 140,
  includeVars: 150,
  setFact: 160,
  roleParams: 170,
  includeParams: 180,
  extraVars: 190,
} as const

export type RankName = keyof typeof ranks

/** A rank for the `index`th of `count` layers of one kind: later ones win, all stay below the next kind. */
export function rankWithin(rank: RankName, index: number, count: number): number {
  return ranks[rank] + (4 * index) / Math.max(count, 1)
}

/** The words of language.md's list of precedence. */
const texts: Readonly<Record<RankName, string>> = {
  roleDefaults: 'role defaults',
  inventoryAll: 'inventory all',
  inventoryGroup: 'inventory groups',
  groupVarsAll: 'group_vars/all',
  playbookGroupVarsAll: 'group_vars/all',
  groupVars: 'group_vars',
  playbookGroupVars: 'group_vars',
  inventoryHost: 'inventory host',
  hostVars: 'host_vars',
  playbookHostVars: 'host_vars',
  facts: 'facts',
  playVars: 'play vars',
  varsPrompt: 'vars_prompt',
  varsFiles: 'vars_files',
  roleVars: 'role vars',
  blockVars: 'block vars',
  taskVars: 'task vars',
  includeVars: 'include_vars',
  setFact: 'set_fact and register',
  roleParams: 'role params',
  includeParams: 'include params',
  extraVars: '-e',
}

/** What a rank is called; beyond all of them are the names that nothing may set. */
export function rankText(rank: number): string {
  if (rank >= ranks.extraVars + 10) return 'magic'
  const names = Object.keys(ranks) as RankName[]
  return texts[names.findLast((name) => ranks[name] <= rank) ?? 'roleDefaults']
}
