import { readFileSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { mistakes, worldsFolder } from './mistake.ts'

/** What an example of each module says in a failing world, by the world; `ok`: it is of no concern to the module. */
export type Said = Readonly<Record<string, Readonly<Record<string, string>>>>

const file = new URL('./module-worlds.yml', import.meta.url)

export const recorded = (): Said => parse(readFileSync(file, 'utf8')) as Said

/** For a person to read and judge: GALLERY_RECORD=1. */
export function record(said: Said): void {
  writeFileSync(file, stringify(said, { lineWidth: 0 }))
}

/** Why a module has no failing world. */
export const cannotFail: Readonly<Record<string, string>> = {
  add_host: 'touches no host',
  assert: 'touches no host',
  debug: 'touches no host',
  fail: 'touches no host',
  group_by: 'touches no host',
  include_vars: 'touches no host; files of the controller are in cases/module',
  meta: 'touches no host',
  pause: 'touches no host',
  set_fact: 'touches no host',
  set_stats: 'touches no host',
  ping: 'a host that does not answer is told by the connection: live/',
  wait_for_connection: 'a host that does not answer is what it waits for: live/',
  setup: 'what a host does not tell is left out of its facts',
  swap: 'the swap of a container is that of the machine it is in',
}

/** The modules that a world was played for: those that fail in one of all, and those that have one of their own. */
export function withWorld(): Set<string> {
  const failing = Object.values(recorded()).flatMap((said) =>
    Object.entries(said).flatMap(([module, text]) => (text === 'ok' ? [] : [module])),
  )
  const own = mistakes(worldsFolder).flatMap(({ files }) => {
    const plays = parse(String(files['site.yml']), { logLevel: 'silent' }) as { tasks: object[] }[]
    return plays.flatMap(({ tasks }) => tasks.flatMap((task) => Object.keys(task)))
  })
  return new Set([...failing, ...own])
}
