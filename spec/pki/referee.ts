import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pair {
  certPem: string
  keyPem: string
}

/** Debian's cfssl, installed when it is missing. Where it cannot be, the specs are skipped, but in CI they fail. */
export function needCfssl(spec: Mocha.Context): void {
  if (spawnSync('cfssl', ['version']).status === 0) return
  const install = spawnSync('apt-get', ['install', '-y', '-q', 'golang-cfssl'], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (install.status === 0) return
  if (process.env.CI !== 'true') spec.skip()
  throw new Error(
    `cfssl is the referee of these specs: apt-get install golang-cfssl\n${install.stderr ?? install.error}`,
  )
}

/** A folder for one spec, gone after `clean`. */
export class Workbench {
  #folder: string | undefined
  #count = 0

  /** Made when first wanted: specs that are left out by --grep get no chance to clean up. */
  get folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'tsplay-pki-'))
    return this.#folder
  }

  write(text: string, name = `file-${++this.#count}`): string {
    const path = join(this.folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  clean(): void {
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true })
  }

  /** cfssl's certificate for the request: by itself, or by an authority and a profile. */
  cfssl(request: object, by?: { ca: Pair; config?: object; profile?: string }): Pair {
    const words = by
      ? [
          `-ca=${this.write(by.ca.certPem)}`,
          `-ca-key=${this.write(by.ca.keyPem)}`,
          ...(by.config ? [`-config=${this.write(JSON.stringify(by.config))}`] : []),
          ...(by.profile ? [`-profile=${by.profile}`] : []),
        ]
      : ['-initca']
    const made = execFileSync('cfssl', ['gencert', '-loglevel=5', ...words, this.write(JSON.stringify(request))], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { cert, key } = JSON.parse(made) as { cert: string; key: string }
    return { certPem: cert, keyPem: key }
  }

  openssl(...words: string[]): string {
    return execFileSync('openssl', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** `openssl x509 -text` with the types of strings shown, and serial, times, key and signature taken out. */
  facts(certPem: string): string {
    const text = this.openssl(
      'x509',
      '-in',
      this.write(certPem),
      '-noout',
      '-text',
      '-nameopt',
      'sep_multiline,show_type,sname,utf8',
    )
    return text
      .replace(/(Serial Number:)(?:\s*\n\s+[0-9a-f:]+| .*)\n/, '$1 …\n')
      .replace(/(Not Before: ).*/, '$1…')
      .replace(/(Not After : ).*/, '$1…')
      .replace(/((?:Modulus|pub):)\n(?:\s+[0-9a-f:]+\n)+/g, '$1 …\n')
      .replace(/(Subject Key Identifier: \n\s+)[0-9A-F:]+/, '$1…')
      .replace(/(Authority Key Identifier: \n\s+)[0-9A-F:]+/, '$1…')
      .replace(/(Signature Value:)\n(?:\s+[0-9a-f:]+\n)+/, '$1 …\n')
  }

  verify(certPem: string, caPem: string): string {
    return this.openssl('verify', '-x509_strict', '-CAfile', this.write(caPem), this.write(certPem))
      .trim()
      .replace(/^.*: /, '')
  }

  /** How long a certificate holds, milliseconds. */
  lifetime(certPem: string): number {
    const dates = this.openssl('x509', '-in', this.write(certPem), '-noout', '-dates')
    const [from, to] = [...dates.matchAll(/=(.*)/g)].map((match) => Date.parse(match[1]!))
    return to! - from!
  }
}
