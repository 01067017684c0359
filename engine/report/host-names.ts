/** Many names in few words: `k8s-master-1, k8s-master-2, k8s-master-3` is `k8s-master-[1:3]`, as inventories write ranges. */
export function mergeNames(names: readonly string[]): string {
  const shown: string[] = []
  const runs = new Map<string, { at: number; head: string; tail: string; numbers: { text: string; value: number }[] }>()
  for (const name of names) {
    const found = /^(.*?)(\d+)(\D*)$/.exec(name)
    if (!found) {
      shown.push(name)
      continue
    }
    const [, head, digits, tail] = found
    const padded = digits!.length > 1 && digits!.startsWith('0')
    const key = `${head}\0${tail}\0${padded ? digits!.length : 'free'}`
    let run = runs.get(key)
    if (!run) {
      run = { at: shown.push('') - 1, head: head!, tail: tail!, numbers: [] }
      runs.set(key, run)
    }
    run.numbers.push({ text: digits!, value: Number(digits) })
  }
  for (const { at, head, tail, numbers } of runs.values()) {
    shown[at] = ranges(numbers)
      .map((range) => `${head}${range}${tail}`)
      .join(', ')
  }
  return shown.join(', ')
}

function ranges(numbers: { text: string; value: number }[]): string[] {
  const sorted = [...numbers].sort((a, b) => a.value - b.value)
  const found: { text: string; value: number }[][] = []
  for (const number of sorted) {
    const run = found.at(-1)
    if (run && number.value === run.at(-1)!.value + 1) run.push(number)
    else found.push([number])
  }
  return found.map((run) => (run.length === 1 ? run[0]!.text : `[${run[0]!.text}:${run.at(-1)!.text}]`))
}
