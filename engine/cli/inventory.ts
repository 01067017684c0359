import { Problem, Problems } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import { didYouMean } from '../base/suggest.ts'
import { type Inventory, loadInventory } from '../hosts/inventory.ts'
import { listingJson, listingYaml } from '../hosts/listed-value.ts'
import { graph, hostValues, hostvars, type ListingOptions, list, tree } from '../hosts/listing.ts'
import { limitPatterns, selectHosts } from '../hosts/pattern.ts'
import { SealedValues } from '../run/sealed-values.ts'
import { extraVars } from './extra-vars.ts'
import { readVault, type VaultWords } from './vault-words.ts'

interface Words extends VaultWords {
  readonly inventory: string[]
  readonly extraVars: string[]
  readonly list?: boolean
  readonly graph?: boolean | string
  readonly host?: string
  readonly vars?: boolean
  readonly export?: boolean
  readonly yaml?: boolean
  readonly output?: string
  readonly limit?: string
  readonly playbookDir?: string
}

/** `tsplay inventory`. */
export async function showInventory(words: Words): Promise<number> {
  const asked = [words.list, words.graph, words.host].filter((one) => one !== undefined)
  if (asked.length > 1 || (asked.length === 0 && !words.vars))
    throw new Problem('usage', 'Say one of --list, --graph, --host and --vars.', {
      hint: 'For example: tsplay inventory -i inventory/prod.yml --graph',
    })
  const write = writer(words)
  const unseal = new SealedValues(await readVault(words), new Masker())
  const { inventory, problems } = loadInventory(words.inventory, { unseal })
  const options: ListingOptions = {
    playbookDir: words.playbookDir,
    export: words.export,
    only: words.limit === undefined ? undefined : limited(inventory, words.limit),
    extra: extraVars(words.extraVars, process.cwd(), unseal),
  }
  const more = words.playbookDir === undefined ? [] : inventory.readVars(words.playbookDir)
  if (problems.length > 0 || more.length > 0) throw new Problems([...problems, ...more])
  if (words.graph !== undefined) drawGraph(inventory, words, options)
  else if (words.host !== undefined) write(oneHost(inventory, words.host, options))
  else if (words.list) write(isYaml(words) ? tree(inventory, options) : list(inventory, options))
  else write(hostvars(inventory, options))
  return 0
}

function drawGraph(inventory: Inventory, words: Words, options: ListingOptions): void {
  const from = words.graph === true ? 'all' : String(words.graph)
  const text = graph(inventory, from, { ...options, vars: words.vars ?? false })
  if (text === '')
    throw new Problem('unknown-group', `There is no group "${from}".`, {
      hint: didYouMean(from, inventory.groups.keys()) ?? 'See them all with: tsplay inventory --graph',
    })
  process.stdout.write(`${text}\n`)
}

function oneHost(inventory: Inventory, name: string, options: ListingOptions): Record<string, unknown> {
  const host = inventory.host(name)
  if (host) return hostValues(inventory, host, options)
  throw new Problem('unknown-group', `There is no host "${name}".`, {
    hint: didYouMean(name, inventory.hosts.keys()) ?? 'See them all with: tsplay inventory --graph',
  })
}

const isYaml = (words: Words) => words.yaml === true || words.output === 'yaml'

function writer(words: Words): (value: unknown) => void {
  if (words.output !== undefined && words.output !== 'json' && words.output !== 'yaml')
    throw new Problem('usage', `There is no output "${words.output}".`, { hint: 'There are json and yaml.' })
  const text = isYaml(words) ? listingYaml : listingJson
  return (value) => process.stdout.write(text(value))
}

function limited(inventory: Inventory, limit: string): ReadonlySet<string> {
  const { hosts, problems } = selectHosts(inventory, limitPatterns(limit))
  if (problems.length > 0) throw new Problems(problems)
  return new Set(hosts.map((host) => host.name))
}
