import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { Problem } from '../base/problem.ts'
import { PosixConnection } from './posix.ts'
import type { Ending, Process } from './process.ts'

/** This machine, through the same shell and framing as every other host. */
export class LocalConnection extends PosixConnection {
  readonly #running = new Set<Process>()

  async open(): Promise<void> {}

  protected get user(): string {
    return userInfo().username
  }

  protected async launch(command: string): Promise<Process> {
    // A group of its own, so that it can be ended with all it started, and Ctrl-C at our terminal does not reach it.
    const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const ended = new Promise<Ending>((resolve) => {
      child.once('error', (error) => resolve({ lost: `/bin/sh cannot be started (${error.message})` }))
      child.once('close', (status, signal) => resolve(status !== null ? { status } : { signal: signal ?? 'a signal' }))
    })
    if (child.pid === undefined) {
      const end = await ended
      throw new Problem('host-unreachable', `nothing can be started here: ${'lost' in end ? end.lost : 'no process'}`, {
        host: this.host,
      })
    }
    const { pid } = child
    child.stdin.on('error', () => {})
    const process: Process = {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      ended,
      drop: () => {
        try {
          if (child.exitCode === null && child.signalCode === null) globalThis.process.kill(-pid, 'SIGKILL')
        } catch {
          // It has just ended, or it is another user's: then the end of its streams ends it.
        }
        child.stdin.destroy()
        child.stdout.destroy()
        child.stderr.destroy()
      },
    }
    this.#running.add(process)
    void ended.then(() => this.#running.delete(process))
    return process
  }

  override async close(): Promise<void> {
    await super.close()
    for (const process of this.#running) process.drop()
  }
}
