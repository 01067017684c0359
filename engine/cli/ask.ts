import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks on the terminal; a hidden answer is not shown while it is typed. Without a terminal, reads a line of stdin. */
export function ask(question: string, options: { hidden?: boolean } = {}): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const output = options.hidden || !process.stdin.isTTY ? silent : process.stderr
  const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY ?? false })
  return new Promise((resolve, reject) => {
    reader.once('line', (line) => {
      reader.close()
      if (options.hidden) process.stderr.write('\n')
      resolve(line)
    })
    reader.once('SIGINT', () => {
      reader.close()
      reject(new Error('interrupted'))
    })
    reader.once('close', () => resolve(''))
  })
}
