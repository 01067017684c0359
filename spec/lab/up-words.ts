// The words after `up`.
import type { LabOptions } from './lab.ts'
import { LabProblem } from './problem.ts'

/** The hosts and options that the words say. */
export function upWords(words: string[]): { names: string[]; options: LabOptions } {
  const names: string[] = []
  const vm: string[] = []
  const selinux: string[] = []
  let downloads = true
  let release: string | undefined
  for (const [at, word] of words.entries()) {
    if (word === '--vm') vm.push('k8s-node-1')
    else if (word.startsWith('--vm=')) vm.push(...word.slice(5).split(','))
    else if (word === '--selinux') selinux.push('k8s-node-1')
    else if (word.startsWith('--selinux=')) selinux.push(...word.slice(10).split(','))
    else if (word === '--no-downloads') downloads = false
    else if (word === '--release' || words[at - 1] === '--release') release = word
    else if (word.startsWith('--release=')) release = word.slice(10)
    else if (word === '--only' || words[at - 1] === '--only')
      names.push(...word.split(',').filter((one) => one !== '--only'))
    else if (word.startsWith('--only=')) names.push(...word.slice(7).split(','))
    else if (word.startsWith('-')) {
      throw new LabProblem(
        `up knows no ${word}`,
        'its options are --vm, --vm=HOST, --selinux, --selinux=HOST, --release, --only and --no-downloads',
        'See --help.',
      )
    } else names.push(word)
  }
  // naming hosts and a machine means that the machine is one of them
  const machines = [...vm, ...selinux]
  if (names.length > 0)
    for (const name of machines) if (!names.some((one) => one.split('=')[0] === name)) names.push(name)
  return { names, options: { downloads, vm, selinux, ...(release === undefined ? {} : { release }) } }
}
