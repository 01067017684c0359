import { readFileSync } from 'node:fs'

export interface Case {
  readonly jinja: string
  readonly ours: string
  /** Why the results differ on purpose. */
  readonly differs: string | undefined
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

export const variables = JSON.parse(read('variables.json')) as Record<string, unknown>

export const cases: readonly Case[] = read('cases.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [jinja = '', ours = '', differs] = line.split('¦').map((part) => part.trim())
    return { jinja, ours, differs }
  })
