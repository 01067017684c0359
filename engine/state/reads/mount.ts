import { unescapeMount } from '../facts/mounts.ts'
import { defineRead } from '../read.ts'

export interface Mounted {
  readonly source: string
  readonly fstype: string
  readonly options: string
}

/** What is mounted at a path (the topmost); null when nothing is. The kernel's own list: no process. */
export const mountedAt = defineRead<string, Mounted | null>({
  name: 'mount',
  key: (path) => path,
  items: () => ['while IFS= read -r l; do printf "%s\\n" "$l"; done </proc/self/mounts'],
  parse: (replies, paths) => {
    const mounts = replies[0]!.stdout
      .toString('utf8')
      .split('\n')
      .map((line) => line.split(' ').map(unescapeMount))
    return paths.map((path) => {
      const found = mounts.filter((words) => words[1] === path).at(-1)
      return found ? { source: found[0]!, fstype: found[2] ?? '', options: found[3] ?? '' } : null
    })
  },
  // What is foretold are the words of a task: the kernel names a loop device, the bound file system, and all options.
  agrees: (predicted, seen) => (predicted === null) === (seen === null),
})

export interface SwapArea {
  readonly path: string
  readonly type: string
  /** KiB. */
  readonly size: number
}

/** Swap that is in use, and why it cannot be turned off from here. */
export interface Swaps {
  readonly areas: readonly SwapArea[]
  readonly barred?: string
}

export const swaps = defineRead<'', Swaps>({
  name: 'swaps',
  key: () => '',
  items: () => [
    'while IFS= read -r l; do printf "%s\\n" "$l"; done </proc/swaps; read -r c </run/systemd/container && echo "container $c"; for f in /.dockerenv /run/.containerenv; do [ -e $f ] && echo "container container"; done; :',
  ],
  parse: (replies, asks) => {
    const lines = replies[0]!.stdout.toString('utf8').split('\n')
    const container = lines.find((line) => line.startsWith('container '))?.slice(10)
    const areas = lines
      .filter((line) => line.startsWith('/'))
      .map((line) => line.split(/\s+/))
      .map(([path = '', type = '', size = '0']) => ({ path: unescapeMount(path), type, size: Number(size) }))
    return asks.map(() => ({
      areas,
      ...(container === undefined
        ? {}
        : { barred: `in a container (${container}) the swap is that of the machine it runs on` }),
    }))
  },
})
