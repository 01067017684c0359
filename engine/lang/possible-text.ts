/** Finds every text that one with `{{…}}` in it may come to, whatever its variables are. */
export function possibleText(written: string): RegExp {
  const parts = written.split(/\{\{.*?\}\}/s).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}
