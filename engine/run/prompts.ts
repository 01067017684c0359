import { randomInt } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { crypt, saltLength } from '../lang/functions/crypt.ts'
import { child, type Node } from '../lang/node.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import type { PlayContext } from './play-context.ts'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const hashes: Readonly<Record<string, string>> = { sha512_crypt: 'sha512', sha256_crypt: 'sha256', md5_crypt: 'md5' }

/** One entry of `vars_prompt`, filled in. */
interface Prompt {
  readonly name: string
  readonly text: string
  readonly default: unknown
  readonly hidden: boolean
  readonly confirm: boolean
  readonly encrypt: string | undefined
  readonly salt: string | undefined
  readonly saltSize: number | undefined
}

/** Asks what a play wants to be asked: what -e has answered is not. */
export async function askPrompts(context: PlayContext): Promise<void> {
  const { masker } = context.session
  for (const node of open(context)) {
    const prompt = read(node, context.hostScope(context.hosts[0]!))
    let answer: unknown = await answerTo(context, prompt)
    if (prompt.hidden && typeof answer === 'string') masker.add(answer)
    if (prompt.encrypt !== undefined) {
      answer = encrypted(String(answer), prompt, node)
      masker.add(String(answer))
    }
    context.prompted.set(prompt.name, { value: answer })
  }
}

/** What is wrong with the questions before they are asked; without a terminal, those that nobody can answer too. */
export function promptProblems(context: PlayContext, asks: boolean): Problem[] {
  return open(context).flatMap((node) => {
    const name = nameOf(node)
    // Said when the play was read.
    if (name === '') return []
    const encrypt = node.kind === 'map' ? child(node, 'encrypt') : undefined
    if (encrypt?.kind === 'scalar' && !encrypt.text.includes('{{') && !Object.hasOwn(hashes, encrypt.text))
      return unknownHash(encrypt.text, encrypt)
    if (!asks || context.session.options.ask || context.hosts.length === 0) return []
    if (node.kind === 'map' && child(node, 'default')) return []
    return new Problem('usage', `The play asks for "${name}", and there is no terminal to ask on.`, {
      at: node.span,
      hint: `Answer it with -e ${name}=…, or give it a "default".`,
    })
  })
}

function unknownHash(name: string, node: Node): Problem {
  return new Problem('shape', `"encrypt: ${name}" is not a hash that tsplay makes.`, {
    at: node.span,
    hint: `There are ${Object.keys(hashes).join(', ')}.`,
  })
}

function open(context: PlayContext): Node[] {
  const node = context.play.level.keywords.get('vars_prompt')
  if (node?.kind !== 'seq') return []
  const { extra } = context.session.options
  return node.items.filter((item) => !extra.variables.has(nameOf(item)))
}

function nameOf(node: Node): string {
  const name = node.kind === 'map' ? child(node, 'name') : undefined
  return name?.kind === 'scalar' ? name.text : ''
}

function read(node: Node, scope: Scope): Prompt {
  const part = (name: string): unknown => {
    const value = node.kind === 'map' ? child(node, name) : undefined
    return value === undefined ? undefined : renderValue(value, scope)
  }
  const text = (name: string) => {
    const value = part(name)
    return value === undefined || value === null ? undefined : String(value)
  }
  const yes = (name: string, otherwise: boolean) => {
    const value = text(name)
    return value === undefined ? otherwise : /^(true|yes|on|1|y|t)$/i.test(value)
  }
  const name = nameOf(node)
  return {
    name,
    text: text('prompt') ?? `input for ${name}`,
    default: part('default') ?? undefined,
    hidden: yes('private', true),
    confirm: yes('confirm', false),
    encrypt: text('encrypt'),
    salt: text('salt'),
    saltSize: text('salt_size') === undefined ? undefined : Number(text('salt_size')),
  }
}

async function answerTo(context: PlayContext, prompt: Prompt): Promise<unknown> {
  const { ask } = context.session.options
  const otherwise = prompt.default ?? ''
  if (!ask) {
    context.session.emit({
      event: 'warning',
      message: `There is no terminal to ask on: "${prompt.name}" has its default.`,
    })
    return otherwise
  }
  const question = `${prompt.text}${prompt.default === undefined ? '' : ` [${String(prompt.default)}]`}: `
  for (;;) {
    const answer = await ask(question, { hidden: prompt.hidden })
    if (!prompt.confirm || answer === (await ask(`confirm ${question}`, { hidden: prompt.hidden })))
      return answer === '' ? otherwise : answer
    context.session.emit({ event: 'warning', message: 'What was typed twice is not the same: once more.' })
  }
}

/** As crypt(3) does, with the salt that is given or a random one. */
function encrypted(text: string, prompt: Prompt, node: Node): string {
  const kind = Object.hasOwn(hashes, prompt.encrypt!) ? hashes[prompt.encrypt!] : undefined
  if (kind === undefined) throw unknownHash(prompt.encrypt!, node)
  const size = Math.min(prompt.saltSize ?? saltLength(kind), saltLength(kind))
  const random = Array.from({ length: size }, () => letters[randomInt(letters.length)]).join('')
  return crypt(text, kind, prompt.salt ?? random)
}
