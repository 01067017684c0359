import { Problem } from '../base/problem.ts'

interface Target {
  readonly host: string
  readonly address: string
  readonly port: number
  readonly timeout: number
}

/** The host hung up before we were logged in: busy sshds do so (MaxStartups), and trying again helps. */
export class Dropped extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

export function dropped({ host, address, port }: Target): Dropped {
  return new Dropped(
    new Problem(
      'host-unreachable',
      `${host} (${address} port ${port}) hung up before the login was done, several times`,
      {
        host,
        hint: 'Its sshd may be overloaded or refuse this address: see MaxStartups and its log, or use fewer --forks.',
      },
    ),
  )
}

/** What a failed connect means, in words. */
export function explain(error: Error, target: Target): Problem | Dropped {
  const { host, address, port, timeout } = target
  const { code } = error as NodeJS.ErrnoException
  const where = address === host ? `${host} port ${port}` : `${host} (${address} port ${port})`
  const say = (what: string, hint: string) =>
    new Problem('host-unreachable', `${where} ${what}`, { host, hint, cause: error })
  switch (code) {
    case 'ECONNREFUSED':
      return say(
        'refuses connections: nothing listens there',
        'Is sshd running on that host, and is the port right (ansible_port)?',
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return say(
        'cannot be reached: there is no route to it',
        'Is the host up, and is the address right (ansible_host)?',
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say(
        'cannot be found: no address is known for that name',
        'Give its address in ansible_host, or fix the name.',
      )
    case 'ETIMEDOUT':
      return say('does not answer', 'Is the host up, and does a firewall let this through?')
    case 'ECONNRESET':
    case 'EPIPE':
      return dropped(target)
  }
  if (/Timed out while waiting for handshake/.test(error.message)) {
    return say(
      `did not answer within ${timeout / 1000} s`,
      'Is the host up, and does a firewall let this through? --timeout allows more.',
    )
  }
  if (/Connection lost before handshake|before ready/i.test(error.message)) return dropped(target)
  if (/no matching/i.test(error.message)) {
    return say(`has no algorithm in common with us: ${error.message}`, 'Update the sshd on that host.')
  }
  return say(`cannot be connected to: ${error.message}`, 'Try `ssh` to that host by hand.')
}
