/** A shell wildcard as a regular expression over a whole name: `*`, `?`, `[abc]`, `[!abc]`. */
export function globPattern(glob: string): RegExp {
  let text = ''
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at]!
    if (character === '*') text += '.*'
    else if (character === '?') text += '.'
    else if (character === '[') {
      // A bracket right after the opening one (or the !) stands for itself.
      const from = at + (glob[at + 1] === '!' ? 2 : 1)
      const end = glob.indexOf(']', from + (glob[from] === ']' ? 1 : 0))
      if (end < 0) text += '\\['
      else {
        text += `[${from === at + 2 ? '^' : ''}${glob.slice(from, end).replace(/[\\\]^]/g, '\\$&')}]`
        at = end
      }
    } else text += character.replace(/[.+^${}()|\]\\]/g, '\\$&')
  }
  try {
    return new RegExp(`^${text}$`, 's')
  } catch {
    // A range out of order, [z-a], finds nothing, as in Python.
    return /(?!)/
  }
}
