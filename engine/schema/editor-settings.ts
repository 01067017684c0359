import type { DocumentKind } from './document-schema.ts'

/** Which files are of which kind, as globs below a project's folder. The first that fits counts. */
export const fileGlobs: Readonly<Record<DocumentKind, readonly string[]>> = {
  playbook: ['*.yml', 'playbooks/*.yml'],
  tasks: ['roles/*/tasks/**/*.yml', 'tasks/**/*.yml'],
  handlers: ['roles/*/handlers/*.yml'],
  inventory: ['inventory/*.yml', 'inventory.yml', 'hosts.yml'],
  'role-meta': ['roles/*/meta/main.yml'],
  vars: ['group_vars/**/*.yml', 'host_vars/**/*.yml', 'roles/*/defaults/*.yml', 'roles/*/vars/*.yml', 'vars/*.yml'],
}

/** What a language server of YAML must be told of tags: each stands before a text. */
export const customTags = ['!expr scalar', '!vault scalar', '!unsafe scalar', '!unsafe mapping', '!unsafe sequence']

export function schemaFile(kind: DocumentKind): string {
  return `${kind}.schema.json`
}

/** Settings of yaml-language-server, as VS Code's settings.json holds them; `folder` is where the schemas are. */
export function editorSettings(folder: string): Record<string, unknown> {
  const schemas = Object.entries(fileGlobs).map(([kind, globs]) => {
    // An inventory at the top is no playbook.
    const own = kind === 'playbook' ? [...globs, '!inventory.yml', '!hosts.yml'] : globs
    return [`./${folder}/${schemaFile(kind as DocumentKind)}`, own]
  })
  return { 'yaml.customTags': customTags, 'yaml.schemas': Object.fromEntries(schemas) }
}
