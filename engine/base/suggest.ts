/** Edits (insert, delete, replace, swap neighbours) that turn one word into another; gives up above `most`. */
export function distance(from: string, to: string, most = Number.POSITIVE_INFINITY): number {
  if (Math.abs(from.length - to.length) > most) return most + 1
  let before: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const current = [i]
    let least = i
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        best = Math.min(best, before[j - 2]! + 1)
      current.push(best)
      if (best < least) least = best
    }
    if (least > most) return most + 1
    before = previous
    previous = current
  }
  return previous[to.length]!
}

const plain = (word: string) => word.toLowerCase().replace(/[-_. ]/g, '')

/** The candidate that was most likely meant, or undefined when none is near. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const most = name.length <= 4 ? 1 : name.length <= 8 ? 2 : 3
  let best: string | undefined
  let least = most + 1
  for (const candidate of candidates) {
    if (candidate === name) continue
    const edits =
      plain(candidate) === plain(name)
        ? 0.5
        : distance(name.toLowerCase(), candidate.toLowerCase(), Math.min(most, least))
    // Half of a short word replaced is another word.
    if (edits < least && edits <= candidate.length / 2) {
      least = edits
      best = candidate
    }
  }
  return best
}

/** `Did you mean "x"?`, or undefined: ready for a problem's hint. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const near = suggest(name, candidates)
  return near === undefined ? undefined : `Did you mean "${near}"?`
}
