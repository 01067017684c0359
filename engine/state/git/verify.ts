import { quote } from '../../wire/quote.ts'

/** Shell lines that end with status 1 unless a commit (or tag) is signed, by one of these keys when there are any. */
export function verify(what: 'commit' | 'tag', name: string, keys: readonly string[]): string[] {
  const wanted = keys.map((key) => quote(key.replace(/\s/g, '').toUpperCase())).join(' ')
  const words = `${what} ${name}`
  return [
    `said=$(git verify-${what} --raw ${quote(name)} 2>&1) || { echo ${quote(`Failed to verify GPG signature of ${words}`)} >&2; printf '%s\\n' "$said" | grep -v '^\\[GNUPG:\\]' >&2; exit 1; }`,
    ...(keys.length === 0
      ? []
      : [
          // A key that signs by another names its own fingerprint first, and the main key's last.
          `printf '%s\\n' "$said" | { while read -r _ word own rest; do
  [ "$word" = VALIDSIG ] || continue
  for key in ${wanted}; do if [ "$key" = "$own" ] || [ "$key" = "\${rest##* }" ]; then exit 0; fi; done
done; exit 1; } || { echo ${quote(`The ${words} is signed by a key that gpg_allowlist does not name`)} >&2; exit 1; }`,
        ]),
  ]
}
