import { suggest } from '../base/suggest.ts'

/** A hint for a name that is none of those known: `Did you mean "server"? Profiles are: server, client.` */
export function hintOfChoice(given: unknown, known: readonly string[], label: string): string {
  const near = typeof given === 'string' ? suggest(given, known) : undefined
  return `${near === undefined ? '' : `Did you mean "${near}"? `}${label} are: ${known.join(', ') || 'none'}.`
}
