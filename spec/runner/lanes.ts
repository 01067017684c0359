/**
 * Specs on live hosts mostly wait, so two lanes of them run side by side, each in a lab of its own; after that, alone, what
 * promises something of time to others. Both lanes should take about as long: the report of times by file tells.
 */
const second = [
  'spec/kinds/selinux-machine',
  'spec/kinds/trixie',
  'spec/lab/machine',
  'spec/modules/kernel',
  'spec/modules/truth',
  'spec/roles/foretelling',
  'spec/roles/machine',
]
const alone = ['spec/roles/load-balancer']

export interface Lanes {
  readonly first: readonly string[]
  readonly second: readonly string[]
  readonly alone: readonly string[]
}

export function lanesOf(files: readonly string[]): Lanes {
  const isOf = (names: readonly string[]) => (file: string) => names.some((name) => file.startsWith(name))
  return {
    first: files.filter((file) => !isOf(second)(file) && !isOf(alone)(file)),
    second: files.filter(isOf(second)),
    alone: files.filter(isOf(alone)),
  }
}
