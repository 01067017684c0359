/** Whether a task with these tags runs, as Ansible decides: `always`, `never`, `tagged`, `untagged`, `all`. */
export function isSelected(tags: readonly string[], only: readonly string[], skip: readonly string[]): boolean {
  const own = tags.length > 0 ? tags : ['untagged']
  const has = (tag: string) => own.includes(tag)
  const tagged = !has('untagged')
  let run = true
  if (only.length > 0) {
    run =
      has('always') ||
      (only.includes('all') && !has('never')) ||
      only.some((tag) => has(tag)) ||
      (only.includes('tagged') && tagged && !has('never'))
  } else if (has('never')) run = false
  if (!run) return false
  if (skip.includes('all')) return has('always') && !skip.includes('always')
  if (skip.includes('tagged') && tagged) return false
  return !skip.some((tag) => has(tag))
}
