import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Event } from '../../engine/base/event.ts'
import { bookOf } from '../../engine/testing/example-runs.ts'
import { captured } from '../run/story.ts'

/** What a host, or whoever plays on it, lacks. */
export interface World {
  readonly name: string
  readonly vars?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  /** Shell texts for the host. */
  readonly begin?: string
  readonly end?: string
  /** Before each module, and what tells whether files are as they were. */
  readonly before?: string
  readonly look?: string
}

/** What tasks say in a world, played on a host. */
export async function played(host: string, folder: string, tasks: string, world: World): Promise<{ said: string }> {
  writeBook(folder, tasks, world)
  return ran(host, folder)
}

export function writeBook(folder: string, tasks: string, world: World): void {
  const head = stringify({ vars: { ansible_user: 'root', ...world.vars }, environment: world.environment ?? {} })
  const play = bookOf(tasks).replace('\n', `\n${head.replace(/^/gm, '  ').trimEnd()}\n`)
  writeFileSync(join(folder, 'site.yml'), `# tsplay: allow-file unused-register, constant-condition\n${play}`)
}

export async function ran(host: string, folder: string): Promise<{ said: string }> {
  const { status, stdout, stderr } = await captured(folder, ['run', 'site.yml', '-i', `${host},`, '--output', 'jsonl'])
  if (status === 0) return { said: 'ok' }
  const events = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event)
  const failed = events.find((event) => event.event === 'result' && ['failed', 'unreachable'].includes(event.status))
  if (failed?.event !== 'result') return { said: stderr.trim() }
  const { message = String(failed.result.msg), hint } = failed.problem ?? {}
  return { said: lasting(hint === undefined ? message : `${message}\n= ${hint}`) }
}

/** Without what is another one each time. */
function lasting(text: string): string {
  return text
    .replace(/(\.tsplay-|tsplay_|\/tmp\/tmp\.)[A-Za-z0-9]{8,}/g, '$1…')
    .replace(/(clearsigned\.message\.)\w+/g, '$1…')
    .replace(/(ansible\.)[0-9a-f]{12}/g, '$1…')
    .replace(/( at )[0-9a-f]{12}\b/g, '$1…')
    .replace(/process \d+/g, 'process …')
    .replace(/(\/etc\/(?:passwd|group)\.)\d+/g, '$1…')
    .replace(/\d+ KiB/g, '… KiB')
    .replace(/\/tmp\/tsplay-worlds-\w+/g, '/playbook')
    .replace(/\(\d+ bytes\)/g, '(… bytes)')
    .trimEnd()
}
