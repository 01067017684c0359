import { bytes } from './measure.ts'
import { harmless } from './text-width.ts'

export interface Transfer {
  readonly what: string
  /** Bytes. */
  readonly done: number
  readonly total?: number | undefined
}

const cells = 16

/** `etcd.tar.gz ████████░░░░░░░░  50 % of 19.8 MB`; without a known total, what has come. */
export function transferText({ what, done, total }: Transfer, unicode: boolean): string {
  const name = harmless(what)
  if (total === undefined || total <= 0) return `${name} ${bytes(done)}`
  const share = Math.min(1, Math.max(0, done / total))
  const full = Math.floor(share * cells)
  const bar = (unicode ? '█' : '#').repeat(full) + (unicode ? '░' : '.').repeat(cells - full)
  return `${name} ${bar} ${String(Math.floor(share * 100)).padStart(3)} % of ${bytes(total)}`
}
