// The release tarballs that the hosts download: etcd and Kubernetes, made from Debian's packages.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { privateApt } from './apt.ts'
import type { Note } from './artifact.ts'
import { build, endBuild } from './build.ts'
import { locked } from './lock.ts'
import { cache, releases as folder, here } from './places.ts'

export const versions = { etcd: '3.4.23', kubernetes: '1.20.2' }

const etcd = `etcd-v${versions.etcd}-linux-amd64.tar.gz`
const kubernetes = ['kubernetes-server-linux-amd64.tar.gz', 'kubernetes-node-linux-amd64.tar.gz']

/** What is served, path by file of the cache, laid out as the publishers lay theirs out. */
export const releasePaths = (): Record<string, string> => {
  const paths = [
    ...[etcd].map((file) => [`etcd/v${versions.etcd}/${file}`, file]),
    ...kubernetes.map((file) => [`kubernetes/v${versions.kubernetes}/${file}`, file]),
  ]
  return Object.fromEntries(
    paths.flatMap(([path, file]) => ['', '.sha256'].map((end) => [`${path}${end}`, join(folder, `${file}${end}`)])),
  )
}

const whole = () => Object.values(releasePaths()).every((file) => existsSync(file))

/** Makes the tarballs that the cache lacks: Kubernetes is compiled, about seven minutes on two cores. */
export async function releases(note: Note): Promise<void> {
  if (whole()) return
  await locked(join(cache, 'releases.lock'), note, async () => {
    if (whole()) return
    const work = join(cache, 'build')
    await mkdir(work, { recursive: true })
    note('making the release tarballs of etcd and Kubernetes, once: about seven minutes')
    await endBuild('releases')
    const env = await privateApt(join(work, 'apt'))
    const words = [join(here, 'releases.sh'), folder, work, `v${versions.kubernetes}`]
    await build('releases', ['bash', ...words], { env, line: note })
    await endBuild('releases')
  })
}
