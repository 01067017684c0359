import type { Problem } from '../../base/problem.ts'
import type { Task } from '../../book/entry.ts'
import type { Session } from '../../run/session.ts'
import { unknownAllowances } from '../allowance.ts'
import type { Foreseen } from '../foreseen.ts'
import type { LoadedModule } from '../loaded-modules.ts'
import { constantConditions } from './constant-conditions.ts'
import { handlerNames } from './handler-names.ts'
import { names, reservedNames } from './names.ts'
import { oldSpellings } from './old-spellings.ts'
import { orphanFiles } from './orphan-files.ts'
import { unused } from './unused.ts'
import { withoutEffect } from './without-effect.ts'
import { Written } from './written.ts'

/**
 * What a book says that is most likely not meant; unless `thorough`, only what a run shows too. `open`: nobody can foresee
 * all that is included. `growing`: nor what hosts there will be.
 */
export function warningsOf(
  session: Session,
  foreseen: readonly Foreseen[],
  modules: ReadonlyMap<Task, LoadedModule>,
  { open, growing, thorough }: { readonly open: boolean; readonly growing: boolean; readonly thorough: boolean },
): Problem[] {
  const written = new Written(session, foreseen, modules)
  if (!thorough) return reservedNames(written)
  return [
    ...reservedNames(written),
    ...names(written),
    ...(open ? [] : unused(written)),
    ...withoutEffect(written),
    ...constantConditions(written),
    ...handlerNames(written),
    ...oldSpellings(written),
    ...(growing ? [] : orphanFiles(written)),
    ...written.sources().flatMap(unknownAllowances),
  ]
}
