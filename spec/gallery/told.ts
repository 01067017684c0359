import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { captured } from '../run/story.ts'
import { type Mistake, planted, writeMistake } from './mistake.ts'

const widest = 100
/** What happens on a host is told with what the host said. */
const widestReport = 120

/** Makes the mistake, and gives what is said of it; the summary, which holds times, is left out. */
export async function told(mistake: Mistake): Promise<{ status: number; said: string }> {
  const before = { ...process.env }
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-gallery-'))
  Object.assign(process.env, mistake.env)
  try {
    writeMistake(folder, mistake)
    const ended = await captured(folder, mistake.words)
    // The recap holds times and memory.
    const report = ended.stdout.replace(/\n?^PLAY RECAP [\s\S]*/m, '').trimStart()
    return { status: ended.status, said: `${report}${ended.stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    for (const name of Object.keys(mistake.env)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

/** What holds for every message, whatever it is about. */
export function suits(mistake: Mistake, said: string): void {
  expect(said, 'a stack trace').to.not.match(/^\s+at .*(?:node:|\.[jt]s:\d)/m)
  expect(said, 'a value without words').to.not.match(/\[object |\bundefined\b(?!-variable)|\bNaN\b|\bnull\b/)
  expect(said, 'a secret').to.not.include(planted)
  // What happened on a host is one line, however long: it is what the host said.
  const lines = said.split('\n').filter((line) => !mistake.running || !/^(?:failed|unreachable): /.test(line))
  const wide = lines.filter((line) => line.length > (mistake.running ? widestReport : widest))
  expect(wide, 'lines too wide').to.deep.equal([])
  if (mistake.warns) {
    expect(said, 'a place and a hint').to.match(/^warning: .* \(\S+:\d+:\d+\)\. \S/m)
    return
  }
  if (mistake.running) {
    expect(said, 'a place').to.match(/^ {4}(?:at| *-->) \S+:\d+:\d+$/m)
    return
  }
  const problems = said.split(/^(?=error\[)/m).filter((text) => text.startsWith('error['))
  expect(problems.length, said).to.be.at.least(1)
  for (const problem of problems) {
    expect(problem, 'a hint').to.match(/^ *= help: \S/m)
    if (mistake.nowhere) continue
    expect(problem, 'a place').to.match(/^ *--> \S.*:\d+:\d+$/m)
    expect(problem, 'a drawing').to.match(/^ *\d+ \|.*\n *\| *\^/m)
  }
}
