import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Problem } from '../../engine/base/problem.ts'
import { writeFiles } from '../run/story.ts'

export interface Examined {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** What the preflight says of `site.yml` among these files, with words as `tsplay run` takes them. */
export async function examined(files: Readonly<Record<string, string>>, words: readonly string[]): Promise<Examined> {
  // As the program loads them: a spec file's own imports may be another copy of the same modules.
  const { examine } = await import('../../engine/preflight/prepare.ts')
  const { addRunOptions } = await import('../../engine/cli/run-words.ts')
  const { runOptions } = await import('../../engine/cli/run-options.ts')
  const { Masker } = await import('../../engine/base/secret.ts')
  const { noConnections } = await import('../../engine/preflight/no-connections.ts')
  const { asProblems } = await import('../../engine/base/problem.ts')
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tsplay-preflight-')))
  const before = process.cwd()
  writeFiles(folder, files)
  try {
    process.chdir(folder)
    const command = addRunOptions(new Command('run')).exitOverride()
    command.parse([...words], { from: 'user' })
    const options = await runOptions(['site.yml'], command.opts())
    const { problems, warnings } = await examine({
      options,
      masker: new Masker(),
      connections: noConnections,
      emit: () => {},
      thorough: true,
    })
    return { problems, warnings }
  } catch (thrown) {
    return { problems: asProblems(thrown), warnings: [] }
  } finally {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `code: message (file:line:column)`. */
export function line(problem: Problem): string {
  const at = problem.spans[0]
  const { line, column } = at ? at.source.position(at.start) : { line: 0, column: 0 }
  return `${problem.code}: ${problem.message} (${at ? `${at.source.file}:${line}:${column}` : 'nowhere'})`
}
