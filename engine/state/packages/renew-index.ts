import { posix } from 'node:path'
import { quote } from '../../wire/quote.ts'
import { type Effect, fileEffect } from '../effect.ts'
import { packageIndexAge } from '../reads/package.ts'
import type { Step } from '../step.ts'
import { aptScript } from './commands.ts'

/** A list of package sources that is about to change: what was there is kept until apt has taken the new one. */
export interface KeptSource {
  readonly path: string
  /** undefined: there was no such file. */
  readonly old?: string | undefined
}

/** Where a list of sources is kept meanwhile; apt passes over hidden files. */
export const keptSource = (path: string): string =>
  posix.join(posix.dirname(path), `.${posix.basename(path)}.tsplay-old`)

/** Changed sources: what was simulated and looked up before no longer holds. */
export const sourcesChanged: readonly Effect[] = ['apt-simulation', 'package-names'].map((kind) => ({
  outdates: kind,
  why: 'the package sources were others',
}))

/** Fetches apt's index by the new sources. When that fails, all of them are put back as they were. */
export function renewIndex(sources: readonly KeptSource[], retries: number, maxDelay: number): Step {
  const back = sources.map(({ path, old }) =>
    old === undefined ? `rm -f -- ${quote(path)}` : `mv -f -- ${quote(old)} ${quote(path)}`,
  )
  const kept = sources.flatMap(({ old }) => (old === undefined ? [] : [old]))
  return {
    name: 'package-index',
    show: 'fetch the package index',
    named: true,
    script: `n=1 delay=1
until (
${aptScript('-o APT::Update::Error-Mode=any update', 60)}
); do
  if [ $n -ge ${retries} ]; then
    echo "the package sources are as they were before" >&2
    ${back.join('\n    ')}
    exit 1
  fi
  sleep $delay; n=$((n+1)); delay=$((delay*2)); [ $delay -le ${maxDelay} ] || delay=${maxDelay}
done
${kept.length === 0 ? ':' : `rm -f -- ${kept.map(quote).join(' ')}`}`,
    effects: [
      { read: packageIndexAge.name, key: 'apt', gives: 0 },
      ...sourcesChanged,
      ...kept.map((path) => fileEffect({ path, type: 'absent' })),
    ],
  }
}
