import { execFile } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Problem } from '../base/problem.ts'
import { type SshOptions, setOption } from './ssh-arguments.ts'

const execute = promisify(execFile)
/** Of all that `ssh -G` prints, with its defaults, these are used. */
const USED =
  /^(hostname|port|user|identityfile|identitiesonly|identityagent|proxyjump|proxycommand|userknownhostsfile|stricthostkeychecking|hostkeyalias|connecttimeout|serveraliveinterval|serveralivecountmax)$/

/**
 * What the user's OpenSSH configuration says about a host: by `ssh -G` where OpenSSH is installed, which is exact, else
 * by reading the file (no Include, no Match exec). Nothing when there is no ~/.ssh/config.
 */
export async function readSshConfig(
  alias: string,
  asked: { user?: string | undefined; port?: number | undefined },
): Promise<SshOptions> {
  const file = join(homedir(), '.ssh', 'config')
  if (
    alias.startsWith('-') ||
    !(await access(file).then(
      () => true,
      () => false,
    ))
  )
    return {}
  const lines = (await byOpenSsh(alias, asked)) ?? (await byReading(alias, file))
  const found: SshOptions = {}
  for (const [key, value] of lines) {
    // 0 is how OpenSSH says "not set".
    if (USED.test(key) && !(key.startsWith('serveralive') && value === '0')) setOption(found, key, value, alias)
  }
  return found
}

async function byOpenSsh(
  alias: string,
  asked: { user?: string | undefined; port?: number | undefined },
): Promise<[string, string][] | undefined> {
  const words = [
    '-G',
    ...(asked.user ? ['-l', asked.user] : []),
    ...(asked.port ? ['-p', String(asked.port)] : []),
    '--',
    alias,
  ]
  try {
    const { stdout } = await execute('ssh', words, { timeout: 10_000 })
    return stdout.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(' ')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
    })
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string }
    if (code === 'ENOENT') return undefined
    throw new Problem(
      'host-unreachable',
      `your OpenSSH configuration cannot be read for ${alias}: ${stderr?.trim() || String(code)}`,
      {
        host: alias,
        hint: 'Correct ~/.ssh/config; `ssh -G` shows the same error.',
      },
    )
  }
}

async function byReading(alias: string, file: string): Promise<[string, string][]> {
  const { default: SSHConfig } = await import('ssh-config')
  const computed = SSHConfig.parse(await readFile(file, 'utf8')).compute(alias, { ignoreCase: true })
  return Object.entries(computed).flatMap(([key, value]) =>
    [value].flat().map((one): [string, string] => [key.toLowerCase(), String(one)]),
  )
}
