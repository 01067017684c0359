import { define, WrongArgument } from './function.ts'

interface Parts {
  readonly scheme: string
  readonly netloc: string
  readonly path: string
  readonly query: string
  readonly fragment: string
  readonly username: string | null
  readonly password: string | null
  readonly hostname: string | null
  readonly port: number | null
}

/** A URL taken apart as Python's urlsplit does: anything is a URL, if only a path. */
function partsOf(url: string): Parts {
  const [, scheme = '', rest] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/s.exec(url)! as unknown as [
    string,
    string?,
    string?,
  ]
  const [, netloc, path, query, fragment] = /^(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest ?? '')!
  const at = (netloc ?? '').lastIndexOf('@')
  const login = at < 0 ? undefined : netloc!.slice(0, at)
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?/.exec((netloc ?? '').slice(at + 1))!
  return {
    scheme: scheme.toLowerCase(),
    netloc: netloc ?? '',
    path: path ?? '',
    query: query ?? '',
    fragment: fragment ?? '',
    username: login === undefined ? null : (login.split(':')[0] ?? null),
    password: login?.includes(':') ? login.slice(login.indexOf(':') + 1) : null,
    hostname: host ? host.replace(/^\[|\]$/g, '').toLowerCase() : null,
    port: port ? Number(port) : null,
  }
}

const isScheme = (scheme: string, wanted: string[] | undefined) => !wanted || wanted.includes(scheme)

export const url = [
  define('urlsplit(value: text, part?: text)', {
    doc: 'A URL taken apart, or one part: scheme, netloc, username, password, hostname, port, path, query, fragment.',
    example: ["urlsplit('https://h:8443/a?b#c', 'port')", 8443],
    filter: 'urlsplit',
    fn: (value: string, part = '') => {
      const parts = partsOf(value)
      if (part === '') return parts
      if (Object.hasOwn(parts, part)) return parts[part as keyof Parts]
      throw new WrongArgument(`a URL has no ${part}`, undefined, `It has ${Object.keys(parts).join(', ')}.`)
    },
  }),
  define('is_url(value: any, schemes?: list)', {
    doc: 'Whether it is a URL with a host, of one of the schemes when they are given.',
    example: ["is_url('https://example.org/')", true],
    test: 'url',
    fn: (value: unknown, schemes?: string[]) => {
      if (typeof value !== 'string') return false
      const { scheme, netloc } = partsOf(value)
      return isScheme(scheme, schemes) && (netloc !== '' || scheme === 'file')
    },
  }),
  define('is_uri(value: any, schemes?: list)', {
    doc: 'Whether it is a URI, of one of the schemes when they are given; every text is one.',
    example: ["is_uri('mailto:a@b', ['mailto'])", true],
    test: 'uri',
    fn: (value: unknown, schemes?: string[]) => typeof value === 'string' && isScheme(partsOf(value).scheme, schemes),
  }),
  define('is_urn(value: any)', {
    doc: 'Whether it is a URN.',
    example: ["is_urn('urn:isbn:1')", true],
    test: 'urn',
    fn: (value: unknown) => typeof value === 'string' && partsOf(value).scheme === 'urn',
  }),
]
