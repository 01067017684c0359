import { Misgiven } from '../base/misgiven.ts'
import { Problem } from '../base/problem.ts'
import { findUnknown } from '../base/unknown.ts'
import { isLocal, type Module } from './definition.ts'
import { nulProblems } from './nul.ts'
import { reference } from './parameter-problem.ts'
import { checkParameters, type Places, schemaOf } from './parameters.ts'

/** Checked by the schema and, once all are known, by the module itself; see `checkParameters`. */
export function checkedParameters(
  what: string,
  module: Module,
  given: Readonly<Record<string, unknown>>,
  places: Places,
): { params: Record<string, unknown>; problems: Problem[] } {
  const schema = schemaOf(module)
  const { params, problems } = checkParameters(what, schema, given, places)
  // What touches no host may say what it likes.
  const checked = {
    params,
    problems: isLocal(module) ? problems : [...problems, ...nulProblems(what, schema, params, places)],
  }
  if (checked.problems.length > 0 || !module.check || findUnknown(checked.params) !== undefined) return checked
  try {
    module.check(checked.params as never)
    return checked
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== 'bad-parameter') throw thrown
    return { ...checked, problems: [placed(what, thrown, checked.params, places)] }
  }
}

function placed(what: string, problem: Problem, params: Readonly<Record<string, unknown>>, places: Places): Problem {
  const { message, hint = reference(what) } = problem
  const at = problem instanceof Misgiven ? spanOf(problem, params, places) : undefined
  return new Problem('bad-parameter', message, { at: at ?? places.whole, hint })
}

function spanOf({ parameter, where }: Misgiven, params: Readonly<Record<string, unknown>>, places: Places) {
  if (where.name) return places.key(parameter)
  const { range } = where
  const within = range && places.within?.([parameter], String(params[parameter]), range.start, range.end)
  return within ?? places.value([parameter])
}
