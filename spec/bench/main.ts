import { guard } from './guard.ts'
import { peers } from './peers.ts'
import { validate } from './validate.ts'

/** `npm run bench -- NAME`; each says what it measures. */
const benches: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = { guard, peers, validate }

const [name = '', ...words] = process.argv.slice(2)
const bench = benches[name]
if (bench) await bench(words)
else {
  process.stderr.write(`Which one? npm run bench -- ${Object.keys(benches).join(' | ')}\n`)
  process.exitCode = 5
}
