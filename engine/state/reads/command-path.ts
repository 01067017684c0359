import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** Where a command is found on the PATH; null when it is not. No process is started. */
export const commandPath = defineRead<string, string | null>({
  name: 'command',
  key: (name) => name,
  items: (names) => [`for __c in ${names.map(quote).join(' ')}; do command -v -- "$__c"; printf '\\000'; done; :`],
  builtins: () => true,
  parse: (replies, names) => {
    const found = replies[0]!.stdout.toString('utf8').split('\0')
    return names.map((_, index) => found[index]?.trim() || null)
  },
})
