// The hosts a lab may have: the inventory's by name, and throwaway ones by NAME=ADDRESS.
import { prefix } from './places.ts'
import { LabProblem } from './problem.ts'

export type Host = { name: string; address: string }

/** The hosts of inventory/prod.yml. */
export const inventoryHosts: readonly Host[] = [
  { name: 'k8s-master-1', address: '192.168.1.26' },
  { name: 'k8s-master-2', address: '192.168.1.28' },
  { name: 'k8s-master-3', address: '192.168.1.29' },
  { name: 'k8s-node-1', address: '192.168.1.32' },
  { name: 'k8s-node-2', address: '192.168.1.30' },
  { name: 'k8s-node-3', address: '192.168.1.31' },
  { name: 'k8s-master-lb', address: '192.168.1.34' },
]

/** The host that a word names: `k8s-master-1`, or `extra-1=192.168.1.101` for one that no inventory has. */
export function hostOf(word: string, known: readonly Host[] = inventoryHosts): Host {
  const [name = '', address] = word.split('=', 2)
  const listed = known.find((host) => host.name === name)
  if (address === undefined) {
    if (listed) return listed
    throw new LabProblem(
      `no host ${JSON.stringify(name)}`,
      `the lab has ${known.map((host) => host.name).join(', ')}`,
      `For a throwaway host give its address too: ${name || 'extra-1'}=${prefix}101`,
    )
  }
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new LabProblem(
      `${JSON.stringify(name)} is no host name`,
      'a host name is small letters, digits and hyphens, at most 63',
      'Choose another name.',
    )
  }
  const last = new RegExp(`^${prefix.replaceAll('.', '\\.')}(\\d{1,3})$`).exec(address)?.[1]
  if (!last || Number(last) < 2 || Number(last) > 254) {
    throw new LabProblem(
      `${JSON.stringify(address)} cannot be ${name}'s address`,
      `the lab's network is ${prefix}0/24 and ${prefix}1 serves the downloads`,
      `Choose ${prefix}2 to ${prefix}254.`,
    )
  }
  const other = known.find((host) => (host.address === address) !== (host.name === name))
  if (other) {
    throw new LabProblem(
      `${word} is not possible`,
      `${other.name} is ${other.address}`,
      'Choose another name or address.',
    )
  }
  return { name, address }
}
