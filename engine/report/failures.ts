import type { Event } from '../base/event.ts'
import { mergeNames } from './host-names.ts'
import type { Palette } from './palette.ts'
import { message } from './result-text.ts'
import { harmless } from './text-width.ts'

type Outcome = Extract<Event, { event: 'item' | 'result' }>

/** Remembers what went wrong, to say it again in short where people look last. */
export class Failures {
  readonly #paint: Palette
  readonly #byText = new Map<string, string[]>()

  constructor(paint: Palette) {
    this.#paint = paint
  }

  note(event: Outcome): void {
    if (event.event !== 'result' || (event.status !== 'failed' && event.status !== 'unreachable')) return
    const said = harmless(message(event.result)).split('\n', 1)[0]!
    const text =
      event.status === 'unreachable'
        ? `unreachable: ${said}`
        : `${event.task}: ${said}${event.place ? ` (${event.place})` : ''}`
    const hosts = this.#byText.get(text) ?? []
    hosts.push(event.host)
    this.#byText.set(text, hosts)
  }

  /** Hosts on which a rescue saw to all that failed have nothing wrong left. */
  lines({ hosts: recaps }: Extract<Event, { event: 'recap' }>): string[] {
    const lost = (host: string) => {
      const recap = recaps[host]
      return recap === undefined || recap.failed > 0 || recap.unreachable > 0
    }
    const wrong = [...this.#byText]
      .map(([text, hosts]) => ({ text, hosts: hosts.filter(lost) }))
      .filter(({ hosts }) => hosts.length > 0)
    if (wrong.length === 0) return []
    return [
      '',
      this.#paint.error('What went wrong:'),
      ...wrong.map(({ text, hosts }) => `  ${mergeNames(hosts)}: ${text}`),
    ]
  }
}
