// A role's variables and templates, as a host of the article's inventory sees them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Source } from '../../engine/base/span.ts'
import { child, type Node } from '../../engine/lang/node.ts'
import { keyText, toPlain } from '../../engine/lang/plain.ts'
import type { Layer, Variable } from '../../engine/lang/scope.ts'
import { compileTemplate } from '../../engine/lang/template.ts'
import { layer, Variables } from '../../engine/lang/variables.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'

export const rolesFolder = fileURLToPath(new URL('../../roles', import.meta.url))

const addresses: Record<string, string> = {
  'k8s-master-1': '192.168.1.26',
  'k8s-master-2': '192.168.1.28',
  'k8s-master-3': '192.168.1.29',
  'k8s-node-1': '192.168.1.32',
  'k8s-node-2': '192.168.1.30',
  'k8s-node-3': '192.168.1.31',
  'k8s-master-lb': '192.168.1.34',
}
const masters = ['k8s-master-1', 'k8s-master-2', 'k8s-master-3']

/** The article's hosts; `hostvars` as the inventory gives them. */
export const article = {
  groups: {
    all: Object.keys(addresses),
    masters,
    etcd: masters,
    nodes: ['k8s-node-1', 'k8s-node-2', 'k8s-node-3'],
    loadbalancers: ['k8s-master-lb'],
  },
  hostvars: Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [
      name,
      {
        ansible_host: address,
        ...(masters.includes(name) ? { etcd_name: name.replace('k8s', 'etcd') } : {}),
      },
    ]),
  ),
}

export interface RoleView {
  readonly variables: Variables
  /** A template of the role, filled in. */
  fill(name: string): string
}

/** A role on a host, with further variables of the highest rank (as with -e). */
export function role(name: string, extra: Readonly<Record<string, unknown>> = {}, host = 'k8s-master-1'): RoleView {
  const folders = [...dependencies(name), name].map((one) => join(rolesFolder, one))
  const layers: Layer[] = folders.flatMap((folder) => [
    { rank: 10, name: `defaults of ${folder}`, variables: variablesOf(join(folder, 'defaults/main.yml')) },
    { rank: 100, name: `vars of ${folder}`, variables: variablesOf(join(folder, 'vars/main.yml')) },
  ])
  const facts = {
    os_family: 'Debian',
    distribution: 'Debian',
    distribution_release: 'bookworm',
    architecture: 'x86_64',
    default_ipv4: { interface: 'host0', address: addresses[host] },
  }
  const variables = new Variables([
    ...layers,
    layer(50, 'inventory', {
      ...article,
      ...article.hostvars[host],
      inventory_hostname: host,
      role_path: join(rolesFolder, name),
      facts,
    }),
    layer(200, 'extra', extra),
  ])
  return {
    variables,
    fill(template) {
      const path = join(rolesFolder, name, 'templates', template)
      const source = new Source(path, readFileSync(path, 'utf8'))
      return compileTemplate(source.text, { span: { source, start: 0, end: source.text.length } }).renderText(variables)
    },
  }
}

/** The parsed document of a role's file; undefined when there is no such file. */
export function document(path: string): Node | undefined {
  if (!existsSync(path)) return undefined
  const { root, problems } = parseYaml(new Source(path, readFileSync(path, 'utf8')))
  if (problems[0]) throw problems[0]
  return root
}

function variablesOf(path: string): Map<string, Variable> {
  const root = document(path)
  return new Map(root?.kind === 'map' ? root.pairs.map(({ key, value }) => [keyText(key), { node: value }]) : [])
}

function dependencies(name: string): string[] {
  const meta = document(join(rolesFolder, name, 'meta/main.yml'))
  const listed = meta?.kind === 'map' ? child(meta, 'dependencies') : undefined
  return listed ? (toPlain(listed) as string[]) : []
}
