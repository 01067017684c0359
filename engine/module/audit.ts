import { createHash } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { findUnknown } from '../base/unknown.ts'
import type { Effect, FileEffect } from '../state/effect.ts'
import type { HostMemory } from '../state/host-memory.ts'
import type { Step } from '../state/step.ts'
import type { Host, View } from '../state/view.ts'
import type { Controller } from './controller.ts'
import type { HostDefinition } from './definition.ts'

/**
 * Looks again after doing. The new plan must be empty, and what is seen must be what the steps predicted.
 * Throws module-breach: the module is to blame, not the playbook.
 */
export async function auditPlan(
  definition: HostDefinition<unknown, unknown, unknown>,
  params: unknown,
  view: View,
  controller: Controller,
  steps: readonly Step[],
  memory: HostMemory,
): Promise<void> {
  memory.forgetEverything()
  const again = definition.plan(await definition.probe(view, params, controller), params)
  const left = again.steps ?? []
  if (left.length > 0 && !again.repeats) {
    throw new Problem(
      'module-breach',
      `After it was done, there is still something to do: ${left.map((step) => step.show).join('; ')}.`,
    )
  }
  const wrong = (await Promise.all(lastEffects(steps).map((effect) => mismatch(view, effect)))).flat()
  for (const effect of lastReads(steps)) {
    if (findUnknown(effect.gives)) continue
    const seen = memory.seen(effect.read, effect.key)
    if (seen && !seen.agrees(effect.gives, await seen.answer))
      wrong.push(`${effect.read} ${effect.key} is not as predicted`)
  }
  if (wrong.length > 0)
    throw new Problem('module-breach', `What is there is not what was predicted: ${wrong.join('; ')}.`)
}

/** Per path, what the last steps say of it: an earlier step's prediction may be overruled by a later one. */
function lastEffects(steps: readonly Step[]): FileEffect[] {
  const last = new Map<string, FileEffect>()
  for (const effect of steps.flatMap((step) => step.effects)) {
    if (!('file' in effect)) continue
    const before = last.get(effect.file.path)
    last.set(
      effect.file.path,
      effect.file.type === 'unchanged' && before ? { ...before, ...effect.file, type: before.type } : effect.file,
    )
  }
  return [...last.values()]
}

/** Per look, the last prediction: enabling and then starting a unit says twice what it will be. */
function lastReads(steps: readonly Step[]): Extract<Effect, { read: string }>[] {
  const last = new Map<string, Extract<Effect, { read: string }>>()
  for (const effect of steps.flatMap((step) => step.effects))
    if ('read' in effect) last.set(`${effect.read}\0${effect.key}`, effect)
  return [...last.values()]
}

async function mismatch(host: Host, effect: FileEffect): Promise<string[]> {
  const there = await host.stat(effect.path)
  if (effect.type === 'absent') return there ? [`${effect.path} is still there`] : []
  if (!there) return effect.type === 'unchanged' ? [] : [`${effect.path} is not there`]
  const wrong: string[] = []
  if (effect.type !== 'unchanged' && there.type !== effect.type)
    wrong.push(`${effect.path} is a ${there.type}, not a ${effect.type}`)
  if (effect.mode !== undefined && there.type !== 'link' && there.mode !== effect.mode)
    wrong.push(`${effect.path} has mode ${there.mode}, not ${effect.mode}`)
  if (effect.owner !== undefined && ![there.owner, String(there.uid)].includes(effect.owner))
    wrong.push(`${effect.path} belongs to ${there.owner}, not ${effect.owner}`)
  if (effect.group !== undefined && ![there.group, String(there.gid)].includes(effect.group))
    wrong.push(`${effect.path} has group ${there.group}, not ${effect.group}`)
  if (effect.target !== undefined && there.target !== effect.target)
    wrong.push(`${effect.path} points to ${there.target}, not ${effect.target}`)
  if (effect.mtime !== undefined && there.mtime !== effect.mtime)
    wrong.push(`${effect.path} was last written at ${there.mtime}, not ${effect.mtime}`)
  const expected =
    effect.sha256 ??
    (Buffer.isBuffer(effect.content) ? createHash('sha256').update(effect.content).digest('hex') : undefined)
  if (expected !== undefined && effect.type === 'file' && (await host.digest(effect.path)) !== expected)
    wrong.push(`${effect.path} has another content`)
  return wrong
}
