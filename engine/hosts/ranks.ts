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
