import { expect } from 'chai'
import { fakeHost, planFor, settles } from 'tsplay/testing'
import { readUrl } from '../../engine/state/steps/download.ts'
import deb822_repository from '../../modules/deb822_repository.ts'

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYCQj\n=IE0r\n-----END PGP PUBLIC KEY BLOCK-----'
const URL = 'https://example.org/key.asc'
const access = { validate_certs: true, timeout: 10, use_proxy: true, http_agent: 'tsplay' }
const host = (files: object = {}, reply?: object) =>
  fakeHost({
    files: { '/etc/apt/sources.list.d': { directory: true }, ...files },
    ...(reply ? { queries: { [readUrl(URL, access)]: reply } } : {}),
  })
const given = { name: 'Some_Tools x!', uris: ['https://e.org'], suites: ['stable'], components: ['main', 'extra'] }
const FILE = '/etc/apt/sources.list.d/some-tools-x.sources'

describe('deb822_repository', () => {
  it('writes the fields that Ansible writes, in its order', async () => {
    const more = { allow_insecure: false, date_max_future: 10, enabled: true, architectures: ['amd64', 'arm64'] }
    const { result } = await settles(deb822_repository, { ...given, ...more, types: ['deb', 'deb-src'] }, host())
    expect(result).to.deep.equal({
      dest: FILE,
      key_filename: null,
      repo: 'Allow-Insecure: no\nArchitectures: amd64 arm64\nComponents: main extra\nDate-Max-Future: 10\nEnabled: yes\nX-Repolib-Name: Some_Tools x!\nSuites: stable\nTypes: deb deb-src\nURIs: https://e.org\n',
    })
  })

  it('holds the text of a key, its blank lines as dots', async () => {
    const { result } = await settles(deb822_repository, { ...given, signed_by: KEY }, host())
    expect(result.repo).to.contain(
      '\nSigned-By:\n    -----BEGIN PGP PUBLIC KEY BLOCK-----\n    .\n    mDMEYCQj\n    =IE0r\n    -----END PGP PUBLIC KEY BLOCK-----\nSuites: stable\n',
    )
  })

  it('names a key of the host', async () => {
    const { result, changes } = await settles(deb822_repository, { ...given, signed_by: '/k.gpg' }, host())
    expect(result.repo).to.contain('\nSigned-By: /k.gpg\n')
    expect(result.key_filename).to.equal('/k.gpg')
    expect(changes.map((change) => change.path)).to.deep.equal([FILE])
  })

  const kinds: [string, string, string][] = [
    ['armoured', `${KEY}\n`, '/etc/apt/keyrings/some-tools-x.asc'],
    ['bare', 'binary key', '/etc/apt/keyrings/some-tools-x.gpg'],
  ]
  for (const [kind, bytes, path] of kinds)
    it(`keeps a key that is fetched, ${kind}, in a keyring of its own`, async () => {
      const { result, changes } = await settles(
        deb822_repository,
        { ...given, signed_by: URL },
        host({}, { stdout: bytes }),
      )
      expect(changes.map((change) => change.path)).to.deep.equal(['/etc/apt/keyrings', path, FILE])
      expect(changes[1]?.after).to.equal(bytes)
      expect(result.repo).to.contain(`\nSigned-By: ${path}\n`)
    })

  it('says why a key cannot be fetched; in a dry run nobody knows yet', async () => {
    const refused = { status: 22, stderr: 'curl: (22) The requested URL returned error: 404\n' }
    const plan = (checking: boolean) =>
      planFor(deb822_repository, { ...given, signed_by: URL }, host({}, refused), { checking })
    const thrown = await plan(false).catch((error) => error)
    expect(thrown.message).to.equal('Could not fetch signed_by key: curl: (22) The requested URL returned error: 404')
    expect((await plan(true)).mayChange).to.match(/^rests on the key https:\/\/example\.org\/key\.asc, which cannot/)
  })

  it('removes the source, and a key that was fetched for it', async () => {
    const files = { [FILE]: 'x', '/etc/apt/keyrings/some-tools-x.asc': 'k', '/etc/apt/keyrings/other.asc': 'k' }
    const { changes } = await settles(deb822_repository, { name: given.name, state: 'absent' }, host(files))
    expect(changes.map((change) => change.path)).to.deep.equal([FILE, '/etc/apt/keyrings/some-tools-x.asc'])
    expect((await settles(deb822_repository, { name: 'x', state: 'absent' }, host())).changes).to.deep.equal([])
  })

  it('sets the mode of what is there', async () => {
    const right = { [FILE]: { content: 'X-Repolib-Name: Some_Tools x!\nTypes: deb\n', mode: '0600' } }
    const { changes } = await settles(deb822_repository, { name: given.name }, host(right))
    expect(changes).to.deep.equal([{ path: `${FILE} mode`, before: '0600', after: '0644' }])
  })
})
