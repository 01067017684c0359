import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { quote } from './quote.ts'

/** What a ProxyCommand says and reads, as a connection: OpenSSH's %h, %p, %r and %% are filled in. */
export function proxyStream(command: string, target: { address: string; port: number; user: string }): Duplex {
  const words: Record<string, string> = {
    '%': '%',
    h: quote(target.address),
    p: String(target.port),
    r: quote(target.user),
    n: quote(target.address),
  }
  const text = command.replace(/%([%hprn])/g, (_, letter: string) => words[letter]!)
  const child = spawn('/bin/sh', ['-c', `exec ${text}`], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin }) as Duplex
  stream.on('error', () => {})
  child.on('error', (error) => stream.destroy(error))
  stream.on('close', () => child.kill())
  return stream
}
