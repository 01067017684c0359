#!/usr/bin/env node
/** The entry: what is asked most and needs least (`--version`) is answered before anything is loaded. */
async function begin(words: readonly string[]): Promise<number> {
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
    const { tsplayVersion } = await import('../base/package.ts')
    process.stdout.write(`tsplay ${tsplayVersion}\n`)
    return 0
  }
  const [{ setFlagsFromString }, { beginHeap }] = await Promise.all([import('node:v8'), import('./heap.ts')])
  beginHeap(words[0])
  // Code that was optimised pays for that only in long runs: an optimiser that waits ten times longer saves a quarter of the
  // computing of a run with 30 hosts and 30 tasks. Later versions do not know the word, and have a cheaper optimiser too.
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=1500000')
  const { keepCompiled } = await import('./code-cache.ts')
  keepCompiled()
  const { main } = await import('./commands.ts')
  return main(words)
}

void begin(process.argv.slice(2)).then((status) => {
  process.exitCode = status
})

export {}
