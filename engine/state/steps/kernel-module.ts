import { quote } from '../../wire/quote.ts'
import { kernelModule, moduleName } from '../reads/kernel-module.ts'
import type { Step } from '../step.ts'

/** Loads modules, one after the other, and what they need. */
export function loadModules(names: readonly string[], parameters = ''): Step {
  const words = parameters.split(/\s+/).filter(Boolean).map(quote).join(' ')
  return {
    name: 'modprobe',
    show: `load ${names.join(', ')}${parameters ? ` with ${parameters}` : ''}`,
    script: names.map((name) => `modprobe -- ${quote(name)}${words ? ` ${words}` : ''} || exit 1`).join('\n'),
    effects: [
      ...names.map((name) => ({ read: kernelModule.name, key: moduleName(name), gives: { state: 'loaded' } })),
      { forgets: kernelModule.name },
      { brings: 'sysctl', why: `what the kernel module${names.length === 1 ? '' : 's'} ${names.join(', ')} may bring` },
    ],
  }
}

export function unloadModules(names: readonly string[]): Step {
  return {
    name: 'modprobe',
    show: `unload ${names.join(', ')}`,
    script: names.map((name) => `modprobe -r -- ${quote(name)} || exit 1`).join('\n'),
    effects: [
      ...names.map((name) => ({ read: kernelModule.name, key: moduleName(name), gives: { state: 'available' } })),
      { forgets: kernelModule.name },
      { forgets: 'sysctl' },
    ],
  }
}
