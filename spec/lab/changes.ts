// What happened to a host's files since it was made.
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Change, readLayer } from './layers.ts'
import { readMachine } from './machine-files.ts'
import { isMark } from './marks.ts'
import { hostFolder } from './places.ts'
import { LabProblem } from './problem.ts'
import { recordOf } from './record.ts'

export type { Change } from './layers.ts'

/** The changes since the host was made and had started, by path; marks of logging in and the like only with `marks`. */
export async function changes(name: string, options: { marks?: boolean } = {}): Promise<Change[]> {
  const begun = new Map((await readBeginning(name)).map((change) => [change.path, change]))
  const now = await snapshot(name)
  const list = [...now.values()]
    .filter((change) => begun.get(change.path)?.digest !== change.digest)
    // of a virtual machine every file is in the snapshot: what was there before was not added since
    .map((change) => (begun.get(change.path)?.kind === 'added' ? { ...change, kind: 'changed' as const } : change))
  for (const change of begun.values()) {
    if (!now.has(change.path))
      list.push({ ...change, kind: change.kind === 'added' ? 'deleted' : 'changed', digest: '' })
  }
  return list
    .filter((change) => options.marks || !isMark(change.path))
    .sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** Whether the host's first start was whole. */
export const hasBeginning = async (name: string) => existsSync(join(hostFolder(name), 'beginning.json'))

/** Keeps what the first start itself did to the files, so that it is not taken for a change. */
export async function keepBeginning(name: string): Promise<void> {
  const file = join(hostFolder(name), 'beginning.json')
  await writeFile(`${file}.part`, JSON.stringify([...(await snapshot(name)).values()]))
  await rename(`${file}.part`, file)
}

async function readBeginning(name: string): Promise<Change[]> {
  const text = await readFile(join(hostFolder(name), 'beginning.json'), 'utf8').catch(() => '[]')
  return JSON.parse(text)
}

async function snapshot(name: string): Promise<Map<string, Change>> {
  const record = await recordOf(name)
  if (!record) throw new LabProblem(`no host ${name} in the lab`, 'it was never started', `npm run lab -- up ${name}`)
  if (record.kind !== 'container') return readMachine(name)
  const folder = hostFolder(name)
  return readLayer(join(folder, 'upper'), [join(folder, 'layer'), record.base])
}
