import { asProblem, Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import type { RoleUse } from '../book/role.ts'
import { evaluateCondition } from '../lang/condition.ts'
import type { Node } from '../lang/node.ts'
import { toPlain } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import { checkParameters, type ObjectSchema } from '../module/parameters.ts'
import type { HostState } from '../run/host-state.ts'

/** A role's variables against its schema, and its own checks, for each of the hosts. */
export function roleProblems(
  use: RoleUse,
  hosts: readonly HostState[],
  scopeOf: (state: HostState, task: Pick<Task, 'levels' | 'role'>) => Scope,
): Problem[] {
  const problems: Problem[] = []
  for (const state of hosts) {
    const scope = scopeOf(state, { levels: use.levels, role: use })
    problems.push(...schemaProblems(use, scope), ...checkProblems(use, scope))
  }
  return problems
}

/** Read once: a schema is compiled once for each object that holds it. */
const schemas = new WeakMap<Node, ObjectSchema>()

function schemaIn(node: Node): ObjectSchema {
  let schema = schemas.get(node)
  if (!schema) {
    schema = { type: 'object', properties: {}, ...(toPlain(node) as object) } as ObjectSchema
    schemas.set(node, schema)
  }
  return schema
}

function schemaProblems(use: RoleUse, scope: Scope): Problem[] {
  if (!use.role.params) return []
  const schema = schemaIn(use.role.params)
  const values: Record<string, unknown> = {}
  const places = new Map<string, Span>()
  const problems: Problem[] = []
  for (const name of Object.keys(schema.properties)) {
    const set = scope.layersOf(name)[0]
    if (!set) continue
    const at = 'node' in set.variable ? set.variable.node.span : set.variable.span
    if (at) places.set(name, at)
    try {
      values[name] = scope.get(name)
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) values[name] = thrown.unknown
      else problems.push(asProblem(thrown).at(at))
    }
  }
  const what = `the role "${use.role.name}"`
  const checked = checkParameters(what, schema, values, {
    whole: use.span,
    key: (name) => places.get(name),
    value: (path) => places.get(String(path[0])),
  })
  return [
    ...problems,
    ...checked.problems.map(
      (problem) => new Problem('role-params', problem.message, { at: problem.spans, hint: problem.hint }),
    ),
  ]
}

function checkProblems(use: RoleUse, scope: Scope): Problem[] {
  return use.role.checks.flatMap(({ that, msg }) => {
    try {
      if (evaluateCondition(that, scope)) return []
      return [
        new Problem(
          'role-params',
          msg ? String(renderValue(msg, scope)) : `A check of the role "${use.role.name}" does not hold.`,
          { at: [use.span, that.span], hint: 'Give the role other values, or mend the check.' },
        ),
      ]
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return []
      return [asProblem(thrown)]
    }
  })
}
