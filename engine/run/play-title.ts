import type { Play } from '../book/play.ts'
import { names } from '../book/reading.ts'

/** A play's name, or its hosts. */
export function playTitle(play: Play): string {
  const name = play.level.keywords.get('name')
  return name?.kind === 'scalar' && name.text !== '' ? name.text : names(play.level.keywords.get('hosts')).join(',')
}
