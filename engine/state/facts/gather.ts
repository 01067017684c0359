import { Problem } from '../../base/problem.ts'
import { defineRead } from '../read.ts'
import type { Host } from '../view.ts'
import { FactsAnswer } from './answer.ts'
import { distributionFacts, lsbFacts, packageManager } from './distribution.ts'
import { machineFacts, memoryFacts, processorFacts } from './hardware.ts'
import { mountFacts } from './mounts.ts'
import { networkFacts } from './network.ts'
import { type FactGroup, factGroups, factsScript } from './script.ts'
import {
  dateFacts,
  dnsFacts,
  environmentFacts,
  hostKeyFacts,
  kernelFacts,
  localFacts,
  nameFacts,
  selinuxFacts,
  serviceManager,
  userFacts,
} from './system.ts'
import { virtualizationFacts } from './virtualization.ts'

const LOCAL_FACTS = '/etc/ansible/facts.d'

export interface FactsAsk {
  readonly groups: readonly FactGroup[]
  /** The folder of facts that the host's owner keeps. */
  readonly localFacts?: string
}

/** All facts in one script. Never kept: time passes, and a run may change what they say. */
export const facts = defineRead<FactsAsk, Record<string, unknown>>({
  name: 'facts',
  key: (ask) => `${[...ask.groups].sort().join(',')} ${ask.localFacts ?? LOCAL_FACTS}`,
  volatile: true,
  items: (asks) => asks.map((ask) => factsScript(new Set(ask.groups), ask.localFacts ?? LOCAL_FACTS)),
  parse: (replies, asks) => asks.map((ask, index) => factsOf(replies[index]!.stdout, new Set(ask.groups))),
})

/** The facts in the script's output, Ansible's names without `ansible_`. */
export function factsOf(output: Buffer, groups: ReadonlySet<FactGroup>): Record<string, unknown> {
  const answer = new FactsAnswer(output)
  const names = nameFacts(answer)
  const distribution = distributionFacts(answer)
  const minimum = {
    ...names,
    ...distribution,
    ...userFacts(answer),
    ...dateFacts(answer),
    ...selinuxFacts(answer),
    ...kernelFacts(answer),
    ...dnsFacts(answer),
    ...hostKeyFacts(answer),
    ...environmentFacts(answer),
    ...localFacts(answer),
    lsb: lsbFacts(answer),
    service_mgr: serviceManager(answer),
    pkg_mgr: packageManager(answer, String(distribution.os_family)),
  }
  return {
    ...(groups.has('min') ? minimum : {}),
    ...(groups.has('hardware')
      ? {
          ...memoryFacts(answer),
          ...processorFacts(answer, String(names.architecture)),
          ...machineFacts(answer),
          ...mountFacts(answer),
        }
      : {}),
    ...(groups.has('network') ? networkFacts(answer) : {}),
    ...(groups.has('virtual') ? virtualizationFacts(answer) : {}),
  }
}

/** Groups that a `gather_subset` means: names add, `!name` takes away, and `all` is where it starts when nothing adds. */
export function factGroupsOf(subset: readonly string[]): FactGroup[] {
  const known = (name: string): FactGroup => {
    const group = GROUP_OF[name]
    if (!group) {
      throw new Problem('bad-parameter', `gather_subset has no subset "${name}"`, {
        hint: `The subsets are all, ${factGroups.join(', ')}, and each with "!" before it to leave it out.`,
      })
    }
    return group
  }
  const added = subset.filter((name) => !name.startsWith('!'))
  const taken = subset.filter((name) => name.startsWith('!')).map((name) => name.slice(1))
  const groups = new Set<FactGroup>(added.length === 0 && !taken.includes('all') ? factGroups : ['min'])
  for (const name of added) for (const group of name === 'all' ? factGroups : [known(name)]) groups.add(group)
  for (const name of taken) {
    if (name === 'all')
      for (const group of factGroups) if (group !== 'min' && !added.some((word) => word === group)) groups.delete(group)
    if (name !== 'all') groups.delete(known(name))
  }
  return [...groups]
}

/** Ansible's finer subsets belong to one of ours. */
const GROUP_OF: Record<string, FactGroup> = {
  min: 'min',
  hardware: 'hardware',
  network: 'network',
  virtual: 'virtual',
  interfaces: 'network',
  default_ipv4: 'network',
  default_ipv6: 'network',
  all_ipv4_addresses: 'network',
  all_ipv6_addresses: 'network',
  mounts: 'hardware',
  devices: 'hardware',
  processor: 'hardware',
  processor_count: 'hardware',
  processor_cores: 'hardware',
  memtotal_mb: 'hardware',
  memfree_mb: 'hardware',
  virtualization_type: 'virtual',
  virtualization_role: 'virtual',
  ...Object.fromEntries(
    [
      'apparmor',
      'cmdline',
      'caps',
      'date_time',
      'distribution',
      'distribution_major_version',
      'distribution_release',
      'distribution_version',
      'dns',
      'env',
      'fips',
      'kernel',
      'local',
      'loadavg',
      'lsb',
      'machine',
      'machine_id',
      'os_family',
      'pkg_mgr',
      'platform',
      'python',
      'selinux',
      'service_mgr',
      'ssh_pub_keys',
      'system',
      'user',
      'architecture',
      'hostname',
      'fqdn',
      'domain',
      'nodename',
    ].map((name) => [name, 'min' as const]),
  ),
}

/** Facts of a host, in one round trip. */
export function gatherFacts(
  host: Host,
  subset: readonly string[] = ['all'],
  localFacts?: string,
): Promise<Record<string, unknown>> {
  return host.read(facts, { groups: factGroupsOf(subset), ...(localFacts === undefined ? {} : { localFacts }) })
}
