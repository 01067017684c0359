import { randomBytes } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import type { Become } from './connection.ts'
import type { Ending, Launch, Process } from './process.ts'
import { quote } from './quote.ts'

/** Ansible's default for sudo: the target's HOME, the password from stdin, never wait for one that nobody gives. */
const SUDO_FLAGS = '-H -S -n'

export interface Starting {
  readonly host: string
  readonly launch: Launch
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for sudo or su to answer. */
  readonly patience?: number
}

/**
 * Starts a script as another user (or, without `as`, as the one who logged in) and returns when it is about to run:
 * what login files or sudo printed before is not part of its stdout. The script must print `ready` on a line of its own
 * when it wants to be waited for; `ready` is passed to it.
 * Throws become (with what to do), host-unreachable, interrupted.
 */
export async function start(
  how: Starting,
  as: Become | undefined,
  script: (ready: string) => string,
): Promise<Process> {
  const ready = `tsplay-ready-${randomBytes(12).toString('hex')}`
  const prompt = `[tsplay ${randomBytes(12).toString('hex')}]`
  const process = await how.launch(commandFor(as, prompt, script(`echo ${ready}`)))
  const wait = new Handshake(process, how, as, ready, as?.method === 'su' ? 'Password: ' : prompt)
  await wait.done
  return process
}

/** LC_ALL is set inside, in words that every login shell understands, so that what sudo says can be read. */
export function commandFor(as: Become | undefined, prompt: string, script: string): string {
  if (!as) return `exec sh -c ${quote(script)}`
  const inner = `sh -c ${quote(script)}`
  if (as.method === 'su') return wrap(`exec su ${as.flags ?? ''} ${quote(as.user)} -c ${quote(inner)}`)
  let flags = as.flags ?? SUDO_FLAGS
  if (as.password !== undefined) {
    flags = flags
      .replace(/(^|\s)(-n|--non-interactive)(?=\s|$)/g, '$1')
      .replace(/(^|\s)-([A-Za-z]*)n([A-Za-z]*)(?=\s|$)/g, '$1-$2$3')
    if (!/(^|\s)(-[A-Za-z]*S|--stdin)/.test(flags)) flags += ' -S'
    flags += ` -p ${quote(prompt)}`
  }
  return wrap(`exec sudo ${flags} -u ${quote(as.user)} -- ${inner}`)
}

function wrap(command: string): string {
  return `exec sh -c ${quote(`LC_ALL=C LANGUAGE= ${command}`.replace(/^(LC_ALL=C LANGUAGE=) exec/, 'export LC_ALL=C LANGUAGE=; exec'))}`
}

/** Waits for READY on stdout, gives the password when it is asked for, and explains every other end. */
class Handshake {
  readonly done: Promise<void>
  readonly #process: Process
  readonly #how: Starting
  readonly #as: Become | undefined
  #out = Buffer.alloc(0)
  #err = ''
  #given = false
  #settle!: (problem?: Problem) => void

  constructor(process: Process, how: Starting, as: Become | undefined, ready: string, prompt: string) {
    this.#process = process
    this.#how = how
    this.#as = as
    const line = Buffer.from(`${ready}\n`)
    const onOut = (chunk: Buffer) => {
      this.#out = Buffer.concat([this.#out, chunk])
      const at = this.#out.indexOf(line)
      if (at < 0) return this.#bound()
      const rest = this.#out.subarray(at + line.length)
      process.stdout.pause()
      this.#settle()
      if (rest.length > 0) process.stdout.unshift(rest)
    }
    const onErr = (chunk: Buffer) => {
      this.#err = (this.#err + chunk.toString('utf8')).slice(-8192)
      if (as && this.#err.includes(prompt)) this.#asked(prompt)
    }
    this.done = new Promise<void>((resolve, reject) => {
      const onAbort = () =>
        this.#settle(
          new Problem('interrupted', `stopped on ${how.host} because the run was interrupted`, { host: how.host }),
        )
      const timer = as ? setTimeout(() => this.#settle(this.#silent()), how.patience ?? 20_000) : undefined
      this.#settle = (problem) => {
        this.#settle = () => {}
        clearTimeout(timer)
        how.signal?.removeEventListener('abort', onAbort)
        process.stdout.removeListener('data', onOut)
        process.stderr.removeListener('data', onErr)
        process.stderr.pause()
        if (!problem) return resolve()
        process.stdin.destroy()
        process.stdout.resume()
        process.stderr.resume()
        process.drop()
        reject(problem)
      }
      how.signal?.addEventListener('abort', onAbort, { once: true })
      if (how.signal?.aborted) onAbort()
    })
    process.stdin.on('error', () => {})
    process.stdout.on('data', onOut)
    process.stderr.on('data', onErr)
    void process.ended.then((end) => this.#settle(this.#explain(end)))
  }

  /** Login files may print a little before; a flood is none of ours to keep. */
  #bound(): void {
    if (this.#out.length > 1024 * 1024) this.#out = this.#out.subarray(-4096)
  }

  #asked(prompt: string): void {
    this.#err = this.#err.replace(prompt, '')
    const as = this.#as!
    if (as.password === undefined) this.#settle(this.#missing())
    else if (this.#given) this.#settle(this.#wrong())
    else {
      this.#given = true
      this.#process.stdin.write(`${as.password}\n`)
    }
  }

  #problem(message: string, hint: string): Problem {
    return new Problem('become', message, { host: this.#how.host, hint })
  }

  #missing(): Problem {
    const { method, user } = this.#as!
    return this.#problem(
      `${method} on ${this.#how.host} asks for a password to become ${user}, and none was given`,
      'Give it with -K (asks for it) or in `ansible_become_password` (sealed in a vault), or let that user use sudo without one.',
    )
  }

  #wrong(): Problem {
    const { method, user } = this.#as!
    return this.#problem(
      `${method} on ${this.#how.host} does not accept the password given for becoming ${user}`,
      method === 'sudo'
        ? "It must be the password of the user who logs in (not the target's): check -K or `ansible_become_password`."
        : `It must be the password of ${user}: check -K or \`ansible_become_password\`.`,
    )
  }

  #silent(): Problem {
    const { method, user } = this.#as!
    const heard = this.#heard()
    return this.#problem(
      `${method} on ${this.#how.host} did not let us become ${user} in time${heard ? `; it said: ${heard}` : ''}`,
      `Log in to that host and try \`${method}\` by hand: it may ask for something else than a password.`,
    )
  }

  #heard(): string {
    return this.#err
      .trim()
      .replace(/\s*\n\s*/g, '; ')
      .slice(0, 500)
  }

  #explain(end: Ending): Problem {
    const { host } = this.#how
    const heard = this.#heard()
    if ('lost' in end) {
      return new Problem('host-unreachable', `the connection to ${host} was lost: ${end.lost}; nothing was started`, {
        host,
        hint: 'Run again when the host is back.',
      })
    }
    if (!this.#as) {
      const why = heard || this.#out.toString('utf8').trim().slice(0, 500) || 'the command ended at once'
      return new Problem('host-unreachable', `nothing can be started on ${host}: ${why}`, {
        host,
        hint: "Check that the user's login shell there runs `sh`.",
      })
    }
    const { method, user } = this.#as
    for (const [pattern, kind] of SAYINGS) {
      if (pattern.test(heard)) return this.#known(kind)
    }
    const status = 'status' in end ? ` (status ${end.status})` : ''
    return this.#problem(
      `${method} on ${host} did not let us become ${user}${status}: ${heard || 'it said nothing'}`,
      `Log in to that host and try \`${method}\` by hand as the same user.`,
    )
  }

  #known(kind: Kind): Problem {
    const { host } = this.#how
    const { method, user } = this.#as!
    switch (kind) {
      case 'password':
        return this.#as!.password === undefined ? this.#missing() : this.#wrong()
      case 'wrong':
        return this.#as!.password === undefined ? this.#missing() : this.#wrong()
      case 'not-allowed':
        return this.#problem(
          `the user who logs in on ${host} may not become ${user}: ${this.#heard()}`,
          'Allow it in /etc/sudoers.d on that host, or log in as a user who may.',
        )
      case 'unknown-user':
        return this.#problem(
          `there is no user ${user} on ${host} to become`,
          'Check `become_user`, or create the user first.',
        )
      case 'tty':
        return this.#problem(
          `${method} on ${host} works only on a terminal: ${this.#heard()}`,
          method === 'sudo'
            ? 'Remove `Defaults requiretty` from /etc/sudoers on that host.'
            : 'Use `become_method: sudo` on that host.',
        )
      case 'no-program':
        return this.#problem(
          `${host} has no ${method}`,
          method === 'sudo'
            ? 'Install sudo there, log in as root (ansible_user: root), or use `become_method: su`.'
            : 'Use `become_method: sudo` on that host.',
        )
    }
  }
}

type Kind = 'password' | 'wrong' | 'not-allowed' | 'unknown-user' | 'tty' | 'no-program'

/** What sudo, su and sh say in the C locale. */
const SAYINGS: readonly (readonly [RegExp, Kind])[] = [
  [/must have a tty|must be run from a terminal/i, 'tty'],
  [/incorrect password|Sorry, try again|Authentication failure|incorrect password attempt/i, 'wrong'],
  [/a password is required|a terminal is required to read the password|no password was provided/i, 'password'],
  [/unknown user|user \S+ does not exist|no passwd entry|Unknown id|user does not exist/i, 'unknown-user'],
  [/not in the sudoers file|is not allowed to (execute|run)|may not run sudo|Permission denied/i, 'not-allowed'],
  [/(sudo|su): (command )?not found|(sudo|su): No such file/i, 'no-program'],
]
