import { resolve } from 'node:path'
import { type FunctionDoc, helperDocs } from '../lang/functions/table.ts'
import { schemaOf } from '../module/parameters.ts'
import { moduleText } from '../module/reference.ts'
import { ModuleRegistry } from '../module/registry.ts'

/** `tsplay doc [MODULE]`. */
export async function showDoc(
  name: string | undefined,
  options: { functions?: boolean; json?: boolean },
): Promise<number> {
  const registry = new ModuleRegistry()
  if (options.functions) {
    const rows = helperDocs()
    process.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : `${rows.map(functionText).join('\n')}\n`)
    return 0
  }
  if (name === undefined) {
    const names = registry.files()
    const modules = await Promise.all(
      names.map(async (one) => ({ name: one, summary: (await registry.load(one, [])).summary })),
    )
    const width = Math.max(...names.map((one) => one.length)) + 2
    process.stdout.write(
      options.json
        ? `${JSON.stringify(modules, null, 2)}\n`
        : `${modules.map((module) => module.name.padEnd(width) + module.summary).join('\n')}\n`,
    )
    return 0
  }
  const module = await registry.load(name, [resolve('modules')])
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ name, summary: module.summary, params: schemaOf(module), examples: module.examples }, null, 2)}\n`
      : moduleText(name, module),
  )
  return 0
}

function functionText({ signature, doc, example, template, given, gives }: FunctionDoc): string {
  const where =
    given === undefined
      ? ''
      : `, where ${Object.entries(given).map(([name, value]) => `${name} is ${JSON.stringify(value)}`)}`
  const shown = [example, ...(template === undefined ? [] : [template])].join('  or  ')
  return `${signature}\n    ${doc}\n    ${shown}  gives ${JSON.stringify(gives)}${where}`
}
