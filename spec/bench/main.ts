import { chores } from './chore.ts'
import { guard } from './guard.ts'
import { beginning, oneContest, performance, wholeCluster } from './performance.ts'
import { validate } from './validate.ts'

/** `npm run bench -- NAME`; each says what it measures. */
const benches: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  guard,
  validate,
  performance,
  start: beginning,
  cluster: wholeCluster,
  ...Object.fromEntries(Object.keys(chores).map((chore) => [chore, (words) => oneContest(chore, words)])),
}

const [name = '', ...words] = process.argv.slice(2)
const bench = benches[name]
if (bench) await bench(words)
else {
  process.stderr.write(`Which one? npm run bench -- ${Object.keys(benches).join(' | ')}\n`)
  process.exitCode = 5
}
