import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Problem } from '../base/problem.ts'

/** Asks on the terminal; a hidden answer is not shown while it is typed. Without a terminal, takes a line of stdin. */
export function ask(question: string, options: { hidden?: boolean } = {}): Promise<string> {
  process.stderr.write(question)
  return process.stdin.isTTY ? typed(options.hidden ?? false) : piped(process.stdin)
}

function typed(hidden: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: hidden ? silent : process.stderr, terminal: true })
  return new Promise((resolve, reject) => {
    // Closing ends the waiting too, with nothing: the answer comes first.
    reader.once('line', (line) => {
      resolve(line)
      reader.close()
      if (hidden) process.stderr.write('\n')
    })
    reader.once('SIGINT', () => {
      process.stderr.write('\n')
      reject(new Problem('interrupted', 'Interrupted at a question; nothing was begun.'))
      reader.close()
    })
    reader.once('close', () => resolve(''))
  })
}

/** One line; what follows it stays for the next question. Nothing more to read is an empty answer. */
function piped(stdin: NodeJS.ReadStream): Promise<string> {
  if (stdin.readableEnded || stdin.destroyed) return Promise.resolve('')
  return new Promise((resolve) => {
    let text = Buffer.alloc(0)
    const answer = (line: Buffer, rest: Buffer) => {
      stdin.off('data', onData).off('end', onEnd).off('error', onEnd).pause()
      if (rest.length > 0) stdin.unshift(rest)
      process.stderr.write('\n')
      resolve(line.toString('utf8').replace(/\r$/, ''))
    }
    const onData = (chunk: Buffer) => {
      text = Buffer.concat([text, chunk])
      const at = text.indexOf('\n')
      if (at >= 0) answer(text.subarray(0, at), text.subarray(at + 1))
    }
    const onEnd = () => answer(text, Buffer.alloc(0))
    stdin.on('data', onData).on('end', onEnd).on('error', onEnd).resume()
  })
}
