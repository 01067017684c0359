import { Problem, Problems } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import { loadInventory } from '../hosts/inventory.ts'
import { graph, list } from '../hosts/listing.ts'
import { SealedValues } from '../run/sealed-values.ts'
import { readVault, type VaultWords } from './vault-words.ts'

interface Words extends VaultWords {
  readonly inventory: string[]
  readonly list?: boolean
  readonly graph?: boolean | string
  readonly host?: string
  readonly vars?: boolean
}

/** `tsplay inventory`. */
export async function showInventory(words: Words): Promise<number> {
  const asked = [words.list, words.graph, words.host].filter((one) => one !== undefined)
  if (asked.length !== 1)
    throw new Problem('usage', 'Say one of --list, --graph and --host.', {
      hint: 'For example: tsplay inventory -i inventory/prod.yml --graph',
    })
  const { inventory, problems } = loadInventory(words.inventory, {
    unseal: new SealedValues(await readVault(words), new Masker()),
  })
  if (problems.length > 0) throw new Problems(problems)
  if (words.graph !== undefined) {
    const from = words.graph === true ? 'all' : String(words.graph)
    const text = graph(inventory, from, { vars: words.vars ?? false })
    if (text === '') throw new Problem('unknown-group', `There is no group "${from}".`)
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  } else if (words.host !== undefined) {
    if (!inventory.host(words.host)) throw new Problem('unknown-group', `There is no host "${words.host}".`)
    process.stdout.write(`${JSON.stringify(inventory.hostVars(words.host), null, 4)}\n`)
  } else process.stdout.write(`${JSON.stringify(list(inventory), null, 4)}\n`)
  return 0
}
