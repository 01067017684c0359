import { Problem } from '../base/problem.ts'
import { quote } from '../wire/quote.ts'

/** How a host asks a server: the parameters that uri and get_url share. */
export const httpParams = {
  url_username: { type: 'string', aliases: ['user', 'username'], description: 'Name to log in with (HTTP basic).' },
  url_password: {
    type: 'string',
    aliases: ['password'],
    secret: true,
    description: 'Password to log in with. Never in a process list.',
  },
  force_basic_auth: {
    type: 'boolean',
    default: false,
    description: 'The name and password are always sent at once; accepted for compatibility.',
  },
  validate_certs: { type: 'boolean', default: true, description: "Check the server's certificate." },
  ca_path: { type: 'string', description: 'File of the host with the certificates to trust.' },
  client_cert: { type: 'string', description: 'File of the host with the certificate to show.' },
  client_key: { type: 'string', description: 'File of the host with its key.' },
  timeout: {
    type: 'integer',
    minimum: 1,
    default: 10,
    description: 'Seconds to wait for a connection, and for anything to come.',
  },
  use_proxy: { type: 'boolean', default: true, description: 'Use the proxy that the environment names.' },
  http_agent: { type: 'string', default: 'ansible-httpget', description: 'What the client calls itself.' },
  ciphers: {
    type: 'array',
    items: { type: 'string' },
    description: "TLS ciphers that may be used, by OpenSSL's names.",
  },
  decompress: {
    type: 'boolean',
    default: true,
    description: 'Undo the compression that an Accept-Encoding among the headers asks for.',
  },
  use_gssapi: {
    type: 'boolean',
    default: false,
    description: 'Log in with Kerberos (GSSAPI), by the ticket of the user, or url_username.',
  },
  use_netrc: {
    type: 'boolean',
    default: true,
    description: 'Log in with what ~/.netrc of the host has for that server, when url_username says nothing.',
  },
} as const

export interface HttpAccess {
  readonly url_username?: string | undefined
  readonly url_password?: string | undefined
  readonly validate_certs: boolean
  readonly ca_path?: string | undefined
  readonly client_cert?: string | undefined
  readonly client_key?: string | undefined
  readonly timeout: number
  readonly use_proxy: boolean
  readonly http_agent: string
  readonly ciphers?: readonly string[] | undefined
  readonly decompress?: boolean | undefined
  readonly use_gssapi?: boolean | undefined
  readonly use_netrc?: boolean | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One request as curl's configuration: it goes in through a pipe, so nothing of it is in a process list. */
export function curlConfig(
  url: string,
  access: HttpAccess,
  more: readonly (readonly [string, string?])[] = [],
): string {
  const lines: [string, string?][] = [
    ['url', url],
    ['user-agent', access.http_agent],
    ['connect-timeout', String(access.timeout)],
  ]
  if (access.url_username !== undefined || access.use_gssapi)
    lines.push(['user', `${access.url_username ?? ''}:${access.url_password ?? ''}`])
  else if (access.use_netrc) lines.push(['netrc-optional'])
  if (access.use_gssapi) lines.push(['negotiate'])
  if (access.ciphers !== undefined) lines.push(...cipherLines(access.ciphers))
  const names = Object.keys(access.headers ?? {}).map((name) => name.toLowerCase())
  if (access.decompress && names.includes('accept-encoding')) lines.push(['compressed'])
  for (const [name, value] of Object.entries(access.headers ?? {}))
    lines.push(['header', value === '' ? `${oneLine(name)};` : `${oneLine(name)}: ${oneLine(value)}`])
  if (!access.validate_certs) lines.push(['insecure'])
  if (access.ca_path !== undefined) lines.push(['cacert', access.ca_path])
  if (access.client_cert !== undefined) lines.push(['cert', access.client_cert])
  if (access.client_key !== undefined) lines.push(['key', access.client_key])
  if (!access.use_proxy) lines.push(['noproxy', '*'])
  return [...lines, ...more]
    .map(([name, value]) => (value === undefined ? name : `${name} = ${curlQuote(value)}`))
    .join('\n')
}

/** Those of TLS 1.3 have an option of their own, and names that begin so. */
function cipherLines(ciphers: readonly string[]): [string, string][] {
  const names = ciphers.flatMap((each) => each.split(':'))
  const [modern, older] = [true, false].map((is) => names.filter((name) => name.startsWith('TLS_') === is).join(':'))
  return [
    ...(older ? [['ciphers', older] as [string, string]] : []),
    ...(modern ? [['tls13-ciphers', modern] as [string, string]] : []),
  ]
}

/** The same for GNU wget, as a wgetrc file's lines. */
export function wgetConfig(access: HttpAccess): string {
  const lines = [`user_agent = ${access.http_agent}`, `timeout = ${access.timeout}`, 'tries = 1']
  if (access.url_username !== undefined)
    lines.push(`user = ${access.url_username}`, `password = ${access.url_password ?? ''}`, 'auth_no_challenge = on')
  if (!access.use_netrc) lines.push('netrc = off')
  if (access.ciphers !== undefined) lines.push(`ciphers = ${access.ciphers.join(':')}`)
  for (const [name, value] of Object.entries(access.headers ?? {}))
    lines.push(`header = ${oneLine(name)}: ${oneLine(value)}`)
  if (!access.validate_certs) lines.push('check_certificate = off')
  if (access.ca_path !== undefined) lines.push(`ca_certificate = ${access.ca_path}`)
  if (access.client_cert !== undefined) lines.push(`certificate = ${access.client_cert}`)
  if (access.client_key !== undefined) lines.push(`private_key = ${access.client_key}`)
  if (!access.use_proxy) lines.push('use_proxy = off')
  return lines.join('\n')
}

/** Busybox's wget has no configuration file: what it can do without one. */
export function needsConfig(access: HttpAccess): boolean {
  return (
    access.url_username !== undefined ||
    Object.keys(access.headers ?? {}).length > 0 ||
    access.ca_path !== undefined ||
    access.client_cert !== undefined ||
    access.ciphers !== undefined
  )
}

/** A shell function that prints a text; builtins only, so the text is in no process list. */
export function printer(name: string, text: string): string {
  return `${name}() { printf '%s\\n' ${quote(text)}; }`
}

function curlQuote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`
}

function oneLine(text: string): string {
  if (/[\r\n]/.test(text)) throw new Problem('bad-parameter', 'A header cannot hold a line end.')
  return text
}

/** A URL without the name and password in it, for people. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}

/** The last part of a URL's path: what a file is called. */
export function urlBasename(url: string): string {
  const path = url.replace(/[?#].*$/, '').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  const last = path.split('/').filter(Boolean).at(-1)
  if (last === undefined) return 'index.html'
  try {
    return decodeURIComponent(last).replaceAll('/', '_')
  } catch {
    // A stray percent sign: the name as it is.
    return last
  }
}
