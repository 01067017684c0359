import type { Ran } from '../../engine/testing/example-runs.ts'

/** What is played: given brings about the start, yaml is held to the contract. */
export interface Case {
  readonly given?: string
  readonly yaml: string
}

export interface Outcome {
  readonly given?: Ran
  readonly checked: Ran
  readonly first: Ran
  readonly second: Ran
  /** Files that the dry run changed, on the host or on the controller. */
  readonly touched: readonly string[]
}

export type Play = (tasks: string, how: { check?: boolean; verify?: boolean }) => Promise<Ran>

/** A dry run that must leave no trace in `files`, a run that is held to its predictions, and the same again. */
export async function tryCase(one: Case, play: Play, files: () => Promise<Map<string, string>>): Promise<Outcome> {
  const given = one.given === undefined ? undefined : await play(one.given, {})
  const before = await files()
  const checked = await play(one.yaml, { check: true })
  const after = await files()
  const first = await play(one.yaml, { verify: true })
  const second = await play(one.yaml, { verify: true })
  const touched = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  )
  return { ...(given ? { given } : {}), checked, first, second, touched }
}
