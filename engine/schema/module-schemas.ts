import { ModuleRegistry } from '../module/registry.ts'
import { moduleSchema, parametersSchema } from './parameter-schema.ts'
import type { NamedSchema } from './task-schema.ts'

/** The schemas of all modules: the built-in ones, and those in these folders, which come first. Throws module-load. */
export async function moduleSchemas(folders: readonly string[]): Promise<NamedSchema[]> {
  const registry = new ModuleRegistry()
  return Promise.all(
    registry.spellings(folders).map(async ({ name, names }) => {
      const module = await registry.load(name, folders)
      const $ref = `#/$defs/parameters-${name}`
      return { names, parameters: parametersSchema(module), schema: moduleSchema(name, module, { $ref }) }
    }),
  )
}
