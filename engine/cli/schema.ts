import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { didYouMean } from '../base/suggest.ts'
import { type DocumentKind, documentKinds, documentSchema } from '../schema/document-schema.ts'
import { editorSettings, schemaFile } from '../schema/editor-settings.ts'
import { moduleSchemas } from '../schema/module-schemas.ts'

interface Words {
  readonly output?: string
  readonly editor?: boolean
}

/** `tsplay schema [KIND] [-o FOLDER] [--editor]`: JSON Schemas for editors, of what this project may say. */
export async function showSchema(kind: string | undefined, words: Words): Promise<number> {
  const folder = words.output ?? '.tsplay/schema'
  if (words.editor) {
    process.stdout.write(`${JSON.stringify(editorSettings(relative('.', folder) || '.'), null, 2)}\n`)
    if (words.output === undefined) return 0
  }
  const kinds = kind === undefined ? documentKinds : [kindCalled(kind)]
  const modules = await moduleSchemas(ownModules())
  if (words.output === undefined) {
    process.stdout.write(`${JSON.stringify(documentSchema(kindCalled(kind ?? 'playbook'), modules), null, 2)}\n`)
    return 0
  }
  mkdirSync(folder, { recursive: true })
  for (const one of kinds) {
    const path = join(folder, schemaFile(one))
    writeFileSync(path, `${JSON.stringify(documentSchema(one, modules), null, 1)}\n`)
    if (!words.editor) process.stdout.write(`${path}\n`)
  }
  return 0
}

function kindCalled(name: string): DocumentKind {
  const kind = documentKinds.find((one) => one === name)
  if (kind) return kind
  throw new Problem('usage', `There is no schema for "${name}".`, {
    hint: didYouMean(name, documentKinds) ?? `There are: ${documentKinds.join(', ')}.`,
  })
}

/** Modules of this project: beside its playbooks, and in its roles. */
function ownModules(): string[] {
  const roles = existsSync('roles') ? readdirSync('roles').map((role) => join('roles', role, 'modules')) : []
  return ['modules', 'playbooks/modules', ...roles]
    .filter((folder) => existsSync(folder))
    .map((folder) => resolve(folder))
}
