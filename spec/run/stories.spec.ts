import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parse } from 'yaml'
import { play, recap, said, trace } from './story.ts'

/**
 * What both languages tell alike. What stands in the files under `trace`, `says`, `recap` and `status` is what
 * ansible-core 2.14 did with the same playbook on the same hosts.
 */
interface SharedStory {
  readonly title: string
  readonly book: string
  readonly files?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  readonly trace: readonly string[]
  readonly recap: readonly string[]
  readonly status: number
  /** Texts that debug tasks said. */
  readonly says: readonly string[]
}

const folder = new URL('./stories/', import.meta.url)

for (const file of readdirSync(folder).sort()) {
  describe(`stories told as Ansible tells them: ${file.replace('.yml', '')}`, () => {
    for (const story of parse(readFileSync(new URL(file, folder), 'utf8')) as SharedStory[]) {
      it(story.title, async () => {
        const { status, events, stderr } = await play(story)
        expect(stderr).to.equal('')
        expect(
          { trace: trace(events), says: said(events), recap: recap(events), status },
          events.map((event) => JSON.stringify(event)).join('\n'),
        ).to.deep.equal({ trace: story.trace, says: story.says, recap: story.recap, status: story.status })
      })
    }
  })
}
