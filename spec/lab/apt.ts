// apt with lists, sources and cache of its own: the lab looks packages up and fetches them without touching the machine's.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './command.ts'
import { type Source, sources } from './sources.ts'

const keyrings = ['debian', 'ubuntu'].map((system) => `/usr/share/keyrings/${system}-archive-keyring.gpg`)

/** Makes an apt of its own in `folder`, its lists up to date; answers the environment that makes apt-get use it. */
export async function privateApt(folder: string, dpkgStatus?: string, release?: string): Promise<NodeJS.ProcessEnv> {
  for (const part of ['lists/partial', 'cache/archives/partial', 'parts', 'state']) {
    await mkdir(join(folder, part), { recursive: true })
  }
  const status = dpkgStatus ?? join(folder, 'status')
  if (!dpkgStatus) await writeFile(status, '')
  await writeFile(join(folder, 'sources.list'), sourceLines((await sources(release)).list))
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::Status': status,
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::SourceList': join(folder, 'sources.list'),
    'Dir::Etc::SourceParts': join(folder, 'parts'),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root', // the cache need not be readable by _apt
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  }
  const file = join(folder, 'apt.conf')
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(''),
  )
  const env = { ...process.env, APT_CONFIG: file, DEBIAN_FRONTEND: 'noninteractive' }
  await command(['apt-get', '-qq', 'update'], { env })
  return env
}

/** The lines of a sources.list, for binary and for source packages. */
export function sourceLines(list: Source[]): string {
  const keyring = keyrings.find((file) => existsSync(file))
  const option = keyring ? `[signed-by=${keyring}] ` : ''
  return list
    .flatMap(({ uri, suite, component }) =>
      ['deb', 'deb-src'].map((kind) => `${kind} ${option}${uri} ${suite} ${component}\n`),
    )
    .join('')
}
