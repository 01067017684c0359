import type { Problem } from '../base/problem.ts'
import { isFact } from '../run/gathering.ts'
import type { HostState } from '../run/host-state.ts'
import type { Reach } from './reach.ts'

/** What is missing on some hosts of a task: told when it is on all that the task reaches, or surely on one. */
export class Undefined {
  readonly #found = new Map<
    string,
    { readonly problem: Problem; readonly on: Set<HostState>; sure: HostState | undefined }
  >()
  readonly #reached = new Set<HostState>()

  reached(state: HostState): void {
    this.#reached.add(state)
  }

  add(problem: Problem, state: HostState, { sure }: Pick<Reach, 'sure'>): void {
    const name = /^(?:"(\w+)" is not defined|no key "(\w+)" in ")/.exec(problem.message)
    if (name && isFact(name[1] ?? name[2]!)) return
    const at = problem.spans[0]
    const key = `${problem.code} ${problem.message} ${at?.source.file} ${at?.start}`
    const known = this.#found.get(key) ?? { problem, on: new Set<HostState>(), sure: undefined }
    known.on.add(state)
    if (sure) known.sure ??= state
    this.#found.set(key, known)
  }

  *told(): Generator<Problem> {
    for (const { problem, on, sure } of this.#found.values()) {
      if (on.size < this.#reached.size && !sure) continue
      if (on.size < this.#reached.size) problem.host ??= sure!.name
      yield problem
    }
  }
}
