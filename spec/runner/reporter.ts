import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/** Mocha's own report, and the counts in a file for the program that started it. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const pending: string[] = []
    runner.on('pending', (test) => pending.push(test.fullTitle()))
    runner.once('end', () => {
      const path = process.env['SPEC_COUNTS']
      const { passes = 0, failures = 0 } = runner.stats ?? {}
      if (path)
        writeFileSync(path, JSON.stringify({ passed: passes, failed: failures, skipped: pending.length, pending }))
    })
  }
}
