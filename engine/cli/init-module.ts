import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { suggest } from '../base/suggest.ts'
import { ModuleRegistry } from '../module/registry.ts'
import { moduleText, specText, tsconfigText } from './module-skeleton.ts'

/** `tsplay init module NAME [--role ROLE]`: a module with parameters, example and specs, which pass as they are. */
export function initModule(name: string, { role }: { readonly role?: string }): number {
  const registry = new ModuleRegistry()
  refuseName(name, registry)
  if (role !== undefined) refuseRole(role)
  const folder = role === undefined ? 'modules' : join('roles', role, 'modules')
  const files = { [`${name}.ts`]: moduleText(name), [`${name}.spec.ts`]: specText(name) }
  for (const extension of ['.ts', '.js', '.mjs', '.spec.ts']) {
    const path = join(folder, name + extension)
    if (existsSync(path))
      throw new Problem('usage', `${path} is already there.`, { hint: 'Choose another name, or remove the file.' })
  }
  mkdirSync(folder, { recursive: true })
  const written: string[] = []
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file)
    writeFileSync(path, text, { flag: 'wx' })
    written.push(path)
  }
  if (!tsconfigAbove(resolve(folder))) {
    writeFileSync('tsconfig.json', tsconfigText, { flag: 'wx' })
    written.push('tsconfig.json')
  }
  const book = role === undefined ? '' : ` (in the role ${role}, or a play that uses it)`
  process.stdout.write(
    `${written.join('\n')}\n\nUse it in a playbook${book}:\n\n    - ${name}: {path: /etc/motd, text: Hello}\n\n` +
      `Its specs:\n\n    npx mocha -n import=tsx ${join(folder, `${name}.spec.ts`)}\n${missing(folder)}`,
  )
  return 0
}

function refuseName(name: string, registry: ModuleRegistry): void {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    const fit = name
      .toLowerCase()
      .replace(/\W+/g, '_')
      .replace(/^[\d_]+|_+$/g, '')
    throw new Problem('usage', `"${name}" cannot be the name of a module.`, {
      hint: `Use small letters, digits and _${fit === '' ? '' : `, as in ${fit}`}.`,
    })
  }
  if (registry.find(name, []) === undefined) return
  throw new Problem('usage', `There is a module "${name}" in tsplay itself, which this one would hide.`, {
    hint: 'Choose another name.',
  })
}

function refuseRole(role: string): void {
  if (existsSync(join('roles', role))) return
  const near = existsSync('roles') ? suggest(role, readdirSync('roles')) : undefined
  throw new Problem('usage', `There is no role ${join('roles', role)}.`, {
    hint: near ? `Did you mean "${near}"?` : `Make it first: tsplay init role ${role}`,
  })
}

/** What its specs need and this folder does not have, as a line that brings it. */
function missing(folder: string): string {
  const require = createRequire(resolve(folder, 'here.ts'))
  const packages = ['tsplay', 'mocha', 'tsx', 'typescript', '@types/node', '@types/mocha'].filter((name) => {
    try {
      require.resolve(`${name}/package.json`)
      return false
    } catch {
      return true
    }
  })
  return packages.length === 0
    ? ''
    : `\nFor the specs and the editor these packages are missing here: npm install --save-dev ${packages.join(' ')}\n`
}

function tsconfigAbove(folder: string): boolean {
  if (existsSync(join(folder, 'tsconfig.json'))) return true
  const above = dirname(folder)
  return above !== folder && tsconfigAbove(above)
}
