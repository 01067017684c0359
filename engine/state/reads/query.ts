import type { Reply } from '../../wire/connection.ts'
import { defineRead } from '../read.ts'

/** Any other look: shell text that reads only. Kept like every look, by its text. */
export const query = defineRead<string, Reply>({
  name: 'query',
  key: (script) => script,
  items: (scripts) => [...scripts],
  parse: (replies) => [...replies],
})

/** A look whose answer rests on time or on other hosts. */
export const volatileQuery = defineRead<string, Reply>({ ...query, name: 'volatile-query', volatile: true })
