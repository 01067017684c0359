// Where this machine gets its Debian packages from: the lab takes its own from the same places.
import { readFile } from 'node:fs/promises'
import { command } from './command.ts'
import { LabProblem } from './problem.ts'

export type Source = { uri: string; suite: string; component: string }

/** The release that hosts run unless another is asked for, whatever Debian the machine has; on Ubuntu it is the machine's own. */
export const usual = 'bookworm'

/** The machine's package sources, set to the release that hosts run. */
export async function sources(wanted?: string): Promise<{ release: string; list: Source[] }> {
  const system = parseOsRelease(await readFile('/etc/os-release', 'utf8'))
  const own = system.VERSION_CODENAME ?? ''
  const release = wanted ?? (system.ID === 'debian' ? usual : own)
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)'
  const said = await command([
    'apt-get',
    'indextargets',
    '--no-release-info',
    '--format',
    format,
    'Created-By: Packages',
  ])
  const list = parseTargets(said)
    .filter((source) => source.suite === own || source.suite.startsWith(`${own}-`))
    .map((source) => ({ ...source, suite: source.suite.replace(own, release) }))
  if (!list.some((source) => source.suite === release)) {
    throw new LabProblem(
      'this machine names no package source for its own release',
      `apt knows no ${own || 'codename'} among its sources`,
      'Add one to /etc/apt/sources.list; `apt-get indextargets` shows what apt reads.',
    )
  }
  return { release, list }
}

export function parseTargets(text: string): Source[] {
  const seen = new Map<string, Source>()
  for (const line of text.split('\n')) {
    const [uri, suite, component] = line.split('|')
    if (uri?.startsWith('http') && suite && component) seen.set(line, { uri, suite, component })
  }
  return [...seen.values()]
}

export function parseOsRelease(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+)="?(.*?)"?$/gm)].map((match) => [match[1], match[2]]))
}
