/** The public door: what modules, roles' modules and programs that embed tsplay may import. */
export { globPattern } from './base/glob.ts'
export { Misgiven } from './base/misgiven.ts'
export { Problem } from './base/problem.ts'
export type { Change, Result } from './base/result.ts'
export { findUnknown, isUnknown, TouchedUnknown, Unknown } from './base/unknown.ts'
export { jsonText } from './lang/functions/python-text.ts'
export { jobResult } from './module/background.ts'
export type { ConnectionFacts } from './module/connection-facts.ts'
export type { Controller, LocalFile } from './module/controller.ts'
export {
  type ActionOutcome,
  defineModule,
  type Example,
  type Module,
  type ParamsOf,
  type Plan,
} from './module/definition.ts'
export { withHome } from './module/home-paths.ts'
export { type LocalEntry, type LocalTreeOptions, localTree } from './module/local-tree.ts'
export { lookAtMirror, type MirrorItem, type MirrorWishes } from './module/mirror.ts'
export { type MirrorFilter, mirrorFilter } from './module/mirror-filter.ts'
export { type MirrorPlan, planMirror } from './module/mirror-plan.ts'
export { lookAtPull, type PullLook } from './module/pull-look.ts'
export { untilAnswering, type Waiting } from './module/until-answering.ts'
export type * from './pki/index.ts'
export * from './state/index.ts'
export type { Reply } from './wire/connection.ts'
export { ENTER_OWN, makeOwn } from './wire/own-folder.ts'
export { quote } from './wire/quote.ts'

/** Certificates, keys, kubeconfigs: loaded when first used, for it takes longer than all the rest. */
export const pki = () => import('./pki/index.ts')
