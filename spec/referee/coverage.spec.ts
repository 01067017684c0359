import { expect } from 'chai'
import { readCases } from './case.ts'
import { coverage, coverageText } from './coverage.ts'

/** What Ansible does not have there, so that no case can compare it. */
const beyondAnsible: Readonly<Record<string, readonly string[]>> = {
  'keywords by place': [
    // Ansible takes it for a variable of the role.
    'notify of a role',
    // Ansible has it on plays alone.
    'max_fail_percentage of a block',
    // Ansible's handlers are no blocks.
    'listen of a block',
    // An include is no work to be repeated or judged.
    ...['until', 'retries', 'delay', 'changed_when', 'failed_when', 'async', 'poll'].map(
      (name) => `${name} of a include`,
    ),
    // An include that is written so is counted as a task.
    'action of a include',
    'local_action of a include',
  ],
  modules: [
    // cases/meta has one for each action.
    'meta',
    // cases/async
    'async_status',
    // Every fact is compared (facts.ts), its options in cases/facts.
    'setup',
    // The hosts have the kernel of the machine: Ansible knows by its boot id that a host was booted.
    'reboot',
    // As they have its kernel, they load nothing into it; ../modules/kernel.live.spec.ts has a machine with its own.
    'kmod',
  ],
  'options of includes': ['import_tasks apply', 'import_role apply', 'import_role public'],
}

describe('the referee has a case for', () => {
  const covered = coverage(readCases())
  for (const { what, missing } of covered) {
    it(`all ${what}`, () => {
      expect(missing, coverageText(covered)).to.have.members(beyondAnsible[what] ?? [])
    })
  }
})
