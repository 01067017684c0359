import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import Mocha from 'mocha'

/** Mocha's own report, which files took longest, and the counts in a file for the program that started it. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const pending: string[] = []
    const times = new Map<string, number>()
    const started = new Map<Mocha.Suite, number>()
    runner.on('suite', (suite) => void (suite.parent?.root && started.set(suite, Date.now())))
    runner.on('suite end', (suite) => {
      const since = started.get(suite)
      const file = suite.file && relative(process.cwd(), suite.file)
      if (since && file) times.set(file, (times.get(file) ?? 0) + Date.now() - since)
    })
    runner.on('pending', (test) => pending.push(test.fullTitle()))
    runner.once('end', () => {
      for (const [file, ms] of [...times].sort((a, b) => b[1] - a[1]).slice(0, 12))
        if (ms >= 10_000) process.stdout.write(`${String(Math.round(ms / 1000)).padStart(6)} s  ${file}\n`)
      const path = process.env['SPEC_COUNTS']
      const { passes = 0, failures = 0 } = runner.stats ?? {}
      if (path) writeFileSync(path, JSON.stringify({ passed: passes, failed: failures, pending }))
    })
  }
}
