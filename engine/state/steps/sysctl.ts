import { quote } from '../../wire/quote.ts'
import { sysctl, sysctlPath } from '../reads/sysctl.ts'
import type { Step } from '../step.ts'

/** Sets values of the running kernel, in the order given. */
export function setSysctls(settings: readonly (readonly [key: string, value: string])[], tolerate: boolean): Step {
  const lines = settings.map(([key, value]) => {
    const set = `printf '%s\\n' ${quote(value)} >${quote(sysctlPath(key))}`
    const said = `{ echo ${quote(`cannot set ${key} to "${value}"`)}": the kernel refused it (\${e##*: })" >&2; ${tolerate ? ':' : 's=1'}; }`
    return `e=$( { ${set}; } 2>&1 ) || ${said}`
  })
  return {
    name: 'sysctl',
    show: `set ${settings.length === 1 ? `${settings[0]![0]} = ${settings[0]![1]}` : `${settings.length} settings of the running kernel`}`,
    script: `s=0\n${lines.join('\n')}\nexit $s`,
    // One setting may move another (kernel.* limits, conf/all): all are asked for again.
    effects: [
      ...settings.map(([key, value]) => ({ read: sysctl.name, key: sysctl.key(key), gives: { value } })),
      { forgets: sysctl.name },
    ],
  }
}
