/** Milliseconds that are computed before connections and keys are heard again. */
const STRETCH = 15

const waiting: (() => void)[] = []
let began = performance.now()

/**
 * To be awaited before a piece of work that may be one of many (a host's, an answer's): pieces go one after another, and between
 * two of them, when they have taken a while, the event loop comes round.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) next()
  })
}

function next(): void {
  if (performance.now() - began < STRETCH) queueMicrotask(() => process.nextTick(begin))
  else
    setImmediate(() => {
      began = performance.now()
      begin()
    })
}

/** A tick that was asked for among the promises that are due comes after the last of them: when the piece is done, or waits. */
function begin(): void {
  waiting.shift()!()
  if (waiting.length > 0) next()
}
