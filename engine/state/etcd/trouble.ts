const addressOf = (url: string): string => url.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '')
export const sameUrl = (one: string, other: string): boolean => addressOf(one) === addressOf(other)

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/connection refused/, 'connection refused: nothing listens there'],
  [/no route to host|network is unreachable/, 'no way to its address'],
  [/no such host|server misbehaving/, 'its name cannot be resolved'],
  [/certificate has expired/, 'certificate: it has expired or is not yet valid'],
  [/signed by unknown authority/, 'certificate: it is signed by an authority that is not in cacert'],
  [
    /certificate is (?:valid for|not valid for)|doesn't contain any IP SANs|cannot validate certificate/,
    'certificate: it is not made for this address',
  ],
  [
    /bad certificate|certificate required|unknown certificate|tls: .*certificate/,
    'certificate: the member does not accept the one shown (cert)',
  ],
  [/first record does not look like a TLS handshake|server gave HTTP response/, 'it does not speak TLS'],
  [/no leader/, 'it knows no leader'],
  [/i\/o timeout/, 'no answer in time (deadline)'],
]

/** Why a member does not answer: etcdctl's log tells the cause of what it reports as a mere deadline. */
export function etcdReason(endpoint: string, error: string, complaints: readonly string[], doubt?: string): string {
  const address = addressOf(endpoint)
  const about = [error, ...complaints.filter((line) => line.includes(address))].join(' ')
  const cause = CAUSES.find(([pattern]) => pattern.test(about))
  if (cause) return cause[1]
  if (doubt !== undefined) return `certificate: ${doubt}`
  if (/deadline|DeadlineExceeded/.test(about)) return 'no answer in time (deadline exceeded)'
  return (
    error ||
    complaints
      .find((line) => line.includes(address))
      ?.trim()
      .slice(0, 300) ||
    'no answer'
  )
}
