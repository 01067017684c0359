import type { Example } from '../module/definition.ts'
import { quote } from '../wire/quote.ts'
import { namedPaths } from './agreement.ts'
import type { PlayTasks } from './example-runs.ts'
import type { Ground, Kept, Seen } from './ground.ts'

/**
 * Any host as the ground for trials: nobody can watch all of its files, so that only those are watched, and put back, that
 * the dry run of the example names. Shell texts go there as tasks, as whom the tasks of the example go.
 */
export class WatchedGround implements Ground {
  readonly play: PlayTasks
  readonly #paths: readonly string[]

  private constructor(play: PlayTasks, paths: readonly string[]) {
    this.play = play
    this.#paths = paths
  }

  /** Makes what the example needs, and asks its dry run which files it is about. */
  static async of({ given, yaml }: Example, play: PlayTasks): Promise<WatchedGround> {
    if (given !== undefined) await play(given, {})
    const named = namedPaths(await play(yaml, { check: true }))
    // A name below another one is watched with it.
    return new WatchedGround(
      play,
      named.filter((path) => !named.some((one) => path.startsWith(`${one}/`))),
    )
  }

  async look(): Promise<Map<string, Seen>> {
    const seen = new Map<string, Seen>()
    const script = `for p in ${this.#words}; do
  if [ -e "$p" ] || [ -L "$p" ]; then find "$p" -exec stat -c '%n	%F	%a %u:%g %s %Y' {} + ; find "$p" -type f -exec sha256sum {} + ; fi
done
for p in ${this.#words}; do if [ -L "$p" ]; then printf '%s\\t%s\\n' "$p" "$(readlink -- "$p")"; fi; done`
    for (const line of (await this.#shell(script)).stdout.split('\n').filter(Boolean)) {
      const sum = /^([0-9a-f]{64}) [ *](.*)$/.exec(line)
      const [path = '', kind = '', more = ''] = sum ? [sum[2], '', sum[1]] : line.split('\t')
      const before = seen.get(path)
      if (before) seen.set(path, { ...before, digest: `${before.digest} ${kind}${more}` })
      else seen.set(path, { kind: 'added', type: typeOf(kind), digest: kind === 'directory' ? ownPart(more) : more })
    }
    return seen
  }

  async shell(script: string): Promise<{ status: number; said: string }> {
    const { status, stdout } = await this.#shell(script)
    return { status, said: stdout }
  }

  async keep(): Promise<Kept> {
    const { stdout: kept } = await this.#shell(`d=$(mktemp -d); cd /
for p in ${this.#words}; do if [ -e "$p" ] || [ -L "$p" ]; then echo ".$p"; fi; done >"$d/names"
tar -cpf "$d/files" -T "$d/names" && printf %s "$d"`)
    if (kept === '') throw new Error(`Nothing could be kept of ${this.#paths.join(', ')}.`)
    return {
      putBack: async (paths = this.#paths) => {
        const names = paths.map((path) => quote(`.${path}`)).join(' ')
        const { status } = await this.#shell(`cd / && rm -rf -- ${paths.map(quote).join(' ')} && for p in ${names}; do
  if tar -tf ${quote(kept)}/files "$p" >/dev/null 2>&1; then tar -xpf ${quote(kept)}/files "$p" || exit 1; fi
done`)
        return status === 0
      },
      drop: async () => void (await this.#shell(`rm -rf -- ${quote(kept)}`)),
    }
  }

  async renew(): Promise<never> {
    throw new Error(`${this.#paths.join(', ')} could not be put back as they were.`)
  }

  get #words(): string {
    return this.#paths.map(quote).join(' ')
  }

  async #shell(script: string): Promise<{ status: number; stdout: string }> {
    const { ends, wrong } = await this.play(`- shell: {cmd: ${JSON.stringify(`(\n${script}\n) 2>&1; echo "/$?"`)}}`, {})
    const [, stdout = '', status] = /^(.*)\/(\d+)$/s.exec(ends[0]?.stdout ?? '') ?? []
    if (status === undefined) throw new Error(`The host cannot be looked at: ${wrong}`)
    return { status: Number(status), stdout }
  }
}

/** A folder's own size and time tell of what is in it, which is told by itself. */
const ownPart = (attributes: string) => attributes.split(' ').slice(0, 2).join(' ')

function typeOf(kind: string): Seen['type'] {
  if (kind.startsWith('regular')) return 'file'
  return kind === 'directory' ? 'folder' : kind === 'symbolic link' ? 'link' : 'other'
}
