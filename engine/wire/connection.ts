import type { Readable } from 'node:stream'

/** One piece of shell text; it runs in a subshell of the persistent `sh`, with stdin from /dev/null. */
export interface Item {
  readonly script: string
  /** With `stopOnFailure`: its failure does not stop those after it. */
  readonly optional?: boolean
  /** Changes nothing of the shell but variables called `__…`: it is run without a process of its own. */
  readonly builtins?: boolean
}

/** What an item said. `status` is the exit status; output is bytes, complete up to `limit`. */
export interface Reply {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** When we heard that it had ended, in milliseconds since 1970. */
  readonly ended?: number
}

/** Becoming another user, as Ansible's become_*. */
export interface Become {
  readonly method: 'sudo' | 'su'
  readonly user: string
  readonly password?: string | undefined
  readonly flags?: string | undefined
}

export interface RunOptions {
  /** Without it: the user who logged in. */
  readonly as?: Become | undefined
  /** Items after the first that fails are not run; the replies end with the failed one. */
  readonly stopOnFailure?: boolean
  /** Milliseconds for the whole call; then the shell is killed and a `timeout` Problem is thrown. */
  readonly timeout?: number | undefined
  /** Aborting kills the shell (and what it runs); the call throws an `interrupted` Problem. */
  readonly signal?: AbortSignal | undefined
  /** For profiles. */
  readonly purpose?: 'look' | 'do' | undefined
  /** Output as it arrives, for live display. */
  readonly onOutput?: ((item: number, stream: 'stdout' | 'stderr', chunk: Buffer) => void) | undefined
}

export interface TransferOptions {
  readonly as?: Become | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  /** The path's folder is made first, for the user alone, and must be a new one; it goes again unless so many bytes come. */
  readonly apart?: { readonly size: number } | undefined
  /** Bytes moved so far. */
  readonly onProgress?: ((done: number) => void) | undefined
}

/** A host to talk to. ssh, local and memory pass one contract suite (spec/wire/connection.contract.ts). */
export interface Connection {
  /** The inventory's name of the host. */
  readonly host: string
  /** Round trips so far: each `run`, `put` and `get` is one, opening is not. */
  readonly roundTrips: number
  /** Connects and logs in; called once before the others. Throws host-unreachable, host-key or host-auth. */
  open(): Promise<void>
  /** Runs items in order, in one round trip. Throws only when the connection (or becoming) fails; a status is data. */
  run(items: readonly Item[], options?: RunOptions): Promise<Reply[]>
  /** Streams bytes into a file (created 0600, truncated). */
  put(content: Readable | Buffer, path: string, options?: TransferOptions): Promise<void>
  /** Streams a file's bytes back. */
  get(path: string, options?: TransferOptions): Promise<Readable>
  /** Kills shells and closes; safe to call twice. */
  close(): Promise<void>
}
