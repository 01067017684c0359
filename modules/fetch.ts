import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join, posix, resolve, sep } from 'node:path'
import { defineModule, Problem, type Stat, type Step } from 'tsplay'

interface Seen {
  readonly there: Stat | null
  readonly sha256: string | null
  /** As Ansible tells it. */
  readonly told: Readonly<Record<string, string | null | undefined>>
  readonly to: string
  /** SHA-256 of what is on the controller. */
  readonly here: string | undefined
}

export default defineModule({
  summary: 'Bring files from the host to the controller.',
  description:
    'It is put at dest/HOST/path. With flat: at dest itself, or in it when dest ends in a slash. What is there already, to the byte, is not brought again.',
  params: {
    type: 'object',
    properties: {
      src: { type: 'string', format: 'path', description: 'The file on the host.' },
      dest: { type: 'string', format: 'line', description: 'Where to on the controller, seen from the playbook.' },
      flat: { type: 'boolean', default: false, description: 'Without the folders HOST/path.' },
      fail_on_missing: { type: 'boolean', default: true, description: 'Fail when there is no such file on the host.' },
      validate_checksum: { type: 'boolean', default: true, description: 'Compare the digests afterwards.' },
    },
    required: ['src', 'dest'],
    additionalProperties: false,
  },
  returns: {
    dest: 'where it is on the controller',
    checksum: 'SHA-1 of the content',
    remote_checksum: 'the same, as the host says',
    md5sum: 'its MD5',
    size: 'in bytes',
  },
  examples: [{ title: 'Keep a copy', yaml: `- fetch:\n    src: /etc/hostname\n    dest: /tmp/tsplay-fetched` }],
  async probe(host, params, controller) {
    const [there, sha256, sha1] = await Promise.all([
      host.stat(params.src, { follow: true }),
      host.digest(params.src),
      host.digest(params.src, 'sha1'),
    ])
    const to = destination(params, controller.playbookDir, controller.host)
    const here = await digestHere(to)
    const md5 = here !== undefined && here === sha256 ? { md5sum: await digestHere(to, 'md5') } : {}
    return { there, sha256, told: { checksum: sha1, remote_checksum: sha1, ...md5 }, to, here }
  },
  plan({ there, sha256, told, to, here }: Seen, params) {
    if (!there || sha256 === null) {
      const msg = there
        ? `${params.src} is a ${there.type}, fetch brings files.`
        : `the remote file does not exist, not transferring: ${params.src}`
      return params.fail_on_missing || there ? { failed: msg } : { result: { msg, file: params.src } }
    }
    const result = { src: params.src, dest: to, ...told, size: there.size }
    if (here === sha256) return { result }
    const step: Step = {
      name: 'fetch',
      show: `fetch ${params.src} to ${to} (${there.size} bytes)`,
      script: ':',
      receive: { from: params.src, to },
      effects: [],
    }
    return {
      steps: [step],
      changes: [{ path: `controller:${to}`, before: here && `(sha256 ${here})`, after: `(sha256 ${sha256})` }],
      result,
    }
  },
  async after(_host, plan, _replies, params) {
    const { dest, remote_checksum: expected } = plan.result as { dest: string; remote_checksum: string }
    const got = await digestHere(dest, 'sha1')
    if (params.validate_checksum && got !== expected) {
      throw new Problem(
        'task-failed',
        `${params.src} changed while it was fetched: ${dest} has the SHA-1 ${got}, the host said ${expected}.`,
        { hint: 'Run again.' },
      )
    }
    return { checksum: got, md5sum: await digestHere(dest, 'md5') }
  },
})

function destination(params: { src: string; dest: string; flat: boolean }, playbookDir: string, host: string): string {
  const dest = resolve(playbookDir, params.dest.replace(/^~(?=\/|$)/, process.env.HOME ?? '~'))
  if (params.flat) return /[/\\]$/.test(params.dest) ? join(dest, posix.basename(params.src)) : dest
  const to = join(dest, host, ...params.src.split('/').filter(Boolean))
  // A path with ".." in it stays below the host's folder.
  if (!to.startsWith(join(dest, host) + sep))
    throw new Problem('bad-parameter', `${params.src} leads out of ${join(dest, host)}.`)
  return to
}

async function digestHere(path: string, algorithm = 'sha256'): Promise<string | undefined> {
  const hash = createHash(algorithm)
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code !== 'EISDIR') throw thrown
    throw new Problem('bad-parameter', `${path} is a folder of the controller.`, {
      hint: 'End dest with a slash to put the file in it.',
    })
  }
  return hash.digest('hex')
}
