// What happened to a host's files since it was made.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { recordOf } from './container.ts'
import { type Change, readLayer } from './layers.ts'
import { isMark } from './marks.ts'
import { hostFolder } from './places.ts'
import { LabProblem } from './problem.ts'

export type { Change } from './layers.ts'

/** The changes since the host was made and had started, by path; marks of logging in and the like only with `marks`. */
export async function changes(name: string, options: { marks?: boolean } = {}): Promise<Change[]> {
  const begun = new Map((await readBeginning(name)).map((change) => [change.path, change]))
  const now = await snapshot(name)
  const list = [...now.values()].filter((change) => begun.get(change.path)?.digest !== change.digest)
  for (const change of begun.values()) {
    if (!now.has(change.path))
      list.push({ ...change, kind: change.kind === 'added' ? 'deleted' : 'changed', digest: '' })
  }
  return list
    .filter((change) => options.marks || !isMark(change.path))
    .sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** Keeps what the first start itself did to the files, so that it is not taken for a change. */
export async function keepBeginning(name: string): Promise<void> {
  await writeFile(join(hostFolder(name), 'beginning.json'), JSON.stringify([...(await snapshot(name)).values()]))
}

async function readBeginning(name: string): Promise<Change[]> {
  const text = await readFile(join(hostFolder(name), 'beginning.json'), 'utf8').catch(() => '[]')
  return JSON.parse(text)
}

async function snapshot(name: string): Promise<Map<string, Change>> {
  const record = await recordOf(name)
  if (!record) throw new LabProblem(`no host ${name} in the lab`, 'it was never started', `npm run lab -- up ${name}`)
  const folder = hostFolder(name)
  return readLayer(join(folder, 'upper'), [join(folder, 'layer'), record.base])
}
