/** `tsplay/testing`: what a module's specs may import. No host is needed but for `contract`. */
export { type ContractOptions, contract } from './contract.ts'
export type { FakeHostData, FakeReply } from './fake-answers.ts'
export { type FakeController, type FakeControllerData, fakeController } from './fake-controller.ts'
export type { FakeFile } from './fake-files.ts'
export { type FakeHost, fakeHost } from './fake-host.ts'
export { outcomeOf, type Parameters, type Planned, type PlanOptions, planFor, settles } from './plan-for.ts'
