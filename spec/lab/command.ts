// Runs a program of the machine and collects what it says.
import { type SpawnOptions, spawn } from 'node:child_process'
import { LabProblem } from './problem.ts'

export type Outcome = { status: number; stdout: string; stderr: string }
export type CommandOptions = {
  cwd?: string
  env?: NodeJS.ProcessEnv
  input?: string
  /** What the program prints goes to the terminal as it comes. */
  shown?: boolean
  /** Is told each whole line of standard output as it comes. */
  line?: (text: string) => void
}

/** Runs `words` and answers its outcome, whatever its exit status (128 + signal number when a signal ended it). */
export function attempt(words: string[], options: CommandOptions = {}): Promise<Outcome> {
  const [program = '', ...rest] = words
  const { input, shown } = options
  const stdio: SpawnOptions['stdio'] = shown ? 'inherit' : [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: options.cwd, env: options.env ?? process.env, stdio })
    let stdout = ''
    let stderr = ''
    let begun = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (options.line) for (const line of (begun + text).split('\n').slice(0, -1)) options.line(line)
      begun = (begun + text).split('\n').at(-1) ?? ''
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdin?.on('error', () => {}) // a program may end without reading its input
    child.stdin?.end(input)
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ status: exitStatus(code, signal), stdout, stderr }))
  })
}

/** Runs `words`; an exit status other than 0 is a LabProblem with the last lines the program said. */
export async function command(words: string[], options: CommandOptions = {}): Promise<string> {
  const outcome = await attempt(words, options)
  if (outcome.status === 0) return outcome.stdout
  const said = `${outcome.stdout}\n${outcome.stderr}`.trim().split('\n').slice(-8).join('\n  ')
  throw new LabProblem(
    `\`${words.join(' ').slice(0, 200)}\` failed`,
    `exit status ${outcome.status}${said ? `\n  ${said}` : ''}`,
    'Run it by hand to see more; `npm run lab -- down` clears what is half made.',
  )
}

/** The words before a command that give it namespaces of its own: what it mounts, nobody else sees, and it goes with it. */
export const apart = (...more: string[]) => ['unshare', '--mount', ...more, '--propagation', 'private']

const signals: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15, SIGPIPE: 13 }

export function exitStatus(code: number | null, signal: string | null): number {
  return code ?? 128 + (signals[signal ?? ''] ?? 0)
}
