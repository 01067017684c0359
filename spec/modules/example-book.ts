import type { Example, Module } from '../../engine/module/definition.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'

/** An example of a module, as the specs name it. */
export interface Told {
  readonly module: string
  readonly definition: Module
  readonly example: Example
}

/** Every example of every built-in module. */
export async function allExamples(): Promise<Told[]> {
  const registry = new ModuleRegistry()
  const told = await Promise.all(
    registry.files().map(async (module) => {
      const definition = await registry.load(module, [])
      return definition.examples.map((example) => ({ module, definition, example }))
    }),
  )
  return told.flat()
}

/** The first of each module. */
export function firstOf(examples: readonly Told[]): Told[] {
  return examples.filter(({ module }, index) => examples.findIndex((one) => one.module === module) === index)
}
