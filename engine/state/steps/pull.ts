import { posix } from 'node:path'
import type { Step } from '../step.ts'

/** Something of the host, as it shall be on the controller. Fields that are missing stay as they are. */
export interface PulledEntry {
  readonly relative: string
  readonly type: 'file' | 'directory' | 'link'
  /** Four octal digits. */
  readonly mode?: string | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** Seconds since 1970. */
  readonly mtime?: number | undefined
}

/** A folder (or file) of the host that is brought to the controller, and what is to be done there. Paths are below both roots. */
export interface PulledTree {
  /** On the host, and on the controller. */
  readonly from: string
  readonly to: string
  readonly files: readonly { readonly relative: string; readonly size: number }[]
  /** A folder for it, which is not there yet. */
  readonly makes?: string | undefined
  /** What stands in the way of something of another type. */
  readonly obstacles: readonly string[]
  readonly folders: readonly string[]
  readonly links: readonly { readonly relative: string; readonly target: string }[]
  /** Nothing of the host's corresponds to them. */
  readonly extra: readonly string[]
  /** What is set at the end. */
  readonly attributes: readonly PulledEntry[]
}

/** One step: files are all there before anything on the controller is touched. */
export function pull(order: PulledTree): Step {
  const { files, extra } = order
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const deeds = [
    ...(files.length > 0 ? [`bring ${files.length} file${files.length === 1 ? '' : 's'} (${bytes} bytes)`] : []),
    ...(extra.length > 0 ? [`remove ${extra.length}`] : []),
  ]
  return {
    name: 'pull',
    show: `make ${order.to} of the controller like ${posix.normalize(order.from)}${deeds.length > 0 ? `: ${deeds.join(', ')}` : ''}`,
    script: ':',
    receive: order,
    effects: [],
  }
}
