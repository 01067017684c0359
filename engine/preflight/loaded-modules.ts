import { readFileSync } from 'node:fs'
import { Problem, Problems } from '../base/problem.ts'
import type { Task } from '../book/entry.ts'
import { moduleFolders } from '../book/read-action.ts'
import type { Module } from '../module/definition.ts'
import type { Session } from '../run/session.ts'
import type { Foreseen } from './foreseen.ts'

export interface LoadedModule {
  readonly module: Module
  /** It is the user's own, and its text speaks of facts: it may set any. */
  readonly setsFacts: boolean
}

/** The modules of all tasks; one that cannot be loaded is told where its task is looked at. */
export async function loadedModules(session: Session, foreseen: readonly Foreseen[]): Promise<Map<Task, LoadedModule>> {
  const { registry } = session
  const loaded = new Map<Task, LoadedModule>()
  const known = new Map<string, LoadedModule>()
  for (const [index, { tasks }] of foreseen.entries()) {
    const { folder } = session.contexts[index]!.play
    for (const task of tasks) {
      const folders = moduleFolders(task, folder)
      const file = registry.find(task.action, folders)
      if (file === undefined) continue
      let one = known.get(file)
      if (!one) {
        const module = await unlessBroken(registry.load(task.action, folders))
        if (!module) continue
        const own = file !== registry.find(task.action, [])
        one = { module, setsFacts: own && /ansible_facts|\bsets\b/.test(readFileSync(file, 'utf8')) }
        known.set(file, one)
      }
      loaded.set(task, one)
    }
  }
  return loaded
}

async function unlessBroken(loading: Promise<Module>): Promise<Module | undefined> {
  try {
    return await loading
  } catch (thrown) {
    if (thrown instanceof Problem || thrown instanceof Problems) return undefined
    throw thrown
  }
}
