import { Problem } from '../../base/problem.ts'
import type { Span } from '../../base/span.ts'
import { suggest } from '../../base/suggest.ts'
import { entryName } from '../../book/entry.ts'
import type { RoleUse } from '../../book/role.ts'
import { possibleText } from '../../lang/possible-text.ts'
import type { Variable } from '../../lang/scope.ts'
import type { Written } from './written.ts'

/** Read by the engine itself, or by people. */
const OWN = /^(?:ansible_|tsplay_|_)/

/** Variables, results and handlers that nothing mentions. */
export function unused(written: Written): Problem[] {
  return [...unusedVariables(written), ...unusedRegisters(written), ...unusedHandlers(written)]
}

function unusedVariables(written: Written): Problem[] {
  // A name that is put together while it runs may be any.
  if (written.mentions('vars') || written.mentions('varnames')) return []
  const found: Problem[] = []
  const look = (variables: ReadonlyMap<string, Variable>, whose: string, mentioned: (name: string) => boolean) => {
    for (const [name, variable] of variables) {
      const at = placeOf(variable)
      if (OWN.test(name) || !at || mentioned(name)) continue
      const near = suggest(name, [...written.used])
      const hint = near ? `Did you mean "${near}"?` : 'Take it out, or use it.'
      found.push(new Problem('unused-variable', `nothing uses the variable "${name}" of ${whose}`, { at, hint }))
    }
  }
  const bearers: Readonly<Record<string, string>> = { play: 'the play', include: 'the include', handler: 'the handler' }
  for (const level of written.levels) {
    if (level.bearer === 'role') continue
    look(level.vars, bearers[level.bearer] ?? `this ${level.bearer}`, (name) => written.mentionsAnywhere(name))
  }
  const roles = new Map<string, RoleUse>()
  for (const use of written.roles) {
    const inRole = (name: string) => written.mentionsIn(use, name)
    look(use.params, `the role "${use.role.name}"`, inRole)
    if (!roles.has(use.role.folder)) {
      look(use.vars, `the role "${use.role.name}"`, inRole)
      look(use.defaults, `the role "${use.role.name}"`, inRole)
    }
    roles.set(use.role.folder, use)
  }
  return found
}

/** The name, which stands right before its value. */
function placeOf(variable: Variable): Span | undefined {
  if (!('node' in variable)) return variable.span
  const { source, start } = variable.node.span
  const key = /([\w.-]+)["']?\s*:\s*(?:[|>][-+\d]*|[&!]\S*)?\s*$/.exec(
    source.text.slice(Math.max(0, start - 200), start),
  )
  if (!key) return variable.node.span
  const from = start - key[0].length
  return { source, start: from, end: from + key[1]!.length }
}

function unusedRegisters(written: Written): Problem[] {
  if (written.mentions('vars')) return []
  return written.tasks.flatMap((task) => {
    const node = task.own.keywords.get('register')
    const name = task.register
    if (!node || name === undefined || OWN.test(name) || written.mentionsAnywhere(name)) return []
    const near = suggest(name, [...written.used])
    return [
      new Problem('unused-register', `nothing uses the result "${name}"`, {
        at: node.span,
        hint: near ? `Did you mean "${near}"?` : 'Take "register" out.',
      }),
    ]
  })
}

/** Whether a text with computed parts may come to a name. */
const mayBe = (text: string, name: string): boolean => text.includes('{{') && possibleText(text).test(name)

function unusedHandlers(written: Written): Problem[] {
  const notified = written.notified
  return written.handlers.flatMap((handler) => {
    const names = [entryName(handler), ...handler.listen]
    const own = handler.role ? [...names, `${handler.role.role.name} : ${names[0]}`] : names
    const said = (name: string) => notified.some((one) => one === name || mayBe(one, name))
    if (own.some((name) => name.includes('{{') || said(name))) return []
    // Parts of the role that this book does not use may notify it.
    if (handler.role && names.some((name) => written.textOf(handler.role!.role.folder).includes(name))) return []
    const node = handler.own.keywords.get('name')
    return [
      new Problem('unused-handler', `nothing notifies the handler "${names[0]}"`, {
        at: node?.span ?? handler.span,
        hint: 'Notify it from a task, or take it out.',
      }),
    ]
  })
}
