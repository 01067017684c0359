import { expect } from 'chai'
import { fakeHost, planFor, settles } from 'tsplay/testing'
import apt_repository from '../../modules/apt_repository.ts'

const LINE = 'deb http://example.org/debian stable main'
const MAIN = '/etc/apt/sources.list'
const PARTS = '/etc/apt/sources.list.d'
const host = (files: Record<string, string> = {}) =>
  fakeHost({
    files: {
      [MAIN]: 'deb http://mirror.example.org/debian bookworm main\n',
      [PARTS]: { directory: true },
      '/etc/os-release': 'NAME="Ubuntu"\nVERSION_CODENAME=jammy\n',
      ...files,
    },
  })
const settled = (files: Record<string, string>, given: object) =>
  settles(apt_repository, { repo: LINE, update_cache: false, ...given }, host(files))

describe('apt_repository', () => {
  const names: [string, object, string][] = [
    ['of its address', {}, `${PARTS}/example_org_debian.list`],
    [
      'of the address without name and password',
      { repo: 'deb http://me:pw@e.org/x stable main' },
      `${PARTS}/e_org_x.list`,
    ],
    ['whatever options stand before', { repo: 'deb [arch=amd64] https://e.org stable main' }, `${PARTS}/e_org.list`],
    ['as it is told', { filename: 'tools' }, `${PARTS}/tools.list`],
    ['by a whole path', { filename: '/etc/apt/sources.list.d/deep' }, `${PARTS}/deep.list`],
    ['of owner, name and release', { repo: 'ppa:nginx/stable' }, `${PARTS}/ppa_nginx_stable_jammy.list`],
  ]
  for (const [title, given, path] of names)
    it(`names a new file ${title}`, async () => {
      expect((await settled({}, given)).changes.map((change) => change.path)).to.deep.equal([path])
    })

  it('writes the line of a ppa for the release', async () => {
    const { changes } = await settled({}, { repo: 'ppa:nginx/stable', codename: 'noble' })
    expect(changes).to.deep.equal([
      {
        path: `${PARTS}/ppa_nginx_stable_noble.list`,
        after: 'deb http://ppa.launchpad.net/nginx/stable/ubuntu noble main\n',
      },
    ])
  })

  it('finds a line that differs in blanks only, wherever it stands', async () => {
    const there = { [`${PARTS}/x.list`]: `# a word\n\ndeb   http://example.org/debian\tstable main # why\n` }
    expect((await settled(there, {})).changes).to.deep.equal([])
  })

  it('puts a line to use again that was commented out, and leaves the others', async () => {
    const { changes } = await settled({ [`${PARTS}/x.list`]: `#keep me\n# ${LINE} # why\n` }, {})
    expect(changes).to.deep.equal([
      {
        path: `${PARTS}/x.list`,
        before: `#keep me\n# ${LINE} # why\n`,
        after: `#keep me\n${LINE} # why\n`,
      },
    ])
  })

  it('adds to a file that is there', async () => {
    const { changes } = await settled({ [`${PARTS}/tools.list`]: 'deb http://o.org x main' }, { filename: 'tools' })
    expect(changes[0]?.after).to.equal(`deb http://o.org x main\n${LINE}\n`)
  })

  it('takes the line out of every file, and removes one that is left empty', async () => {
    const files = { [MAIN]: `${LINE}\ndeb http://o.org x main\n`, [`${PARTS}/x.list`]: `${LINE}\n` }
    const { changes, result } = await settled(files, { state: 'absent' })
    expect(changes).to.deep.equal([
      { path: MAIN, before: files[MAIN], after: 'deb http://o.org x main\n' },
      { path: `${PARTS}/x.list`, before: `${LINE}\n` },
    ])
    expect(result).to.deep.include({ sources_added: [], sources_removed: [`${PARTS}/x.list`] })
    expect((await settled({ [`${PARTS}/x.list`]: `# ${LINE}\n` }, { state: 'absent' })).changes).to.deep.equal([])
  })

  it('fetches the index of what changed, and only then', async () => {
    const shows = async (files: Record<string, string>) =>
      (await planFor(apt_repository, { repo: LINE }, host(files))).steps.map((step) => step.show)
    expect((await shows({})).at(-1)).to.equal('fetch the package index')
    expect(await shows({ [`${PARTS}/x.list`]: `${LINE}\n` })).to.deep.equal([])
  })

  it('masks a password in the address', async () => {
    const secrets: string[] = []
    const given = { repo: 'deb http://me:hunter2@e.org/x stable main' }
    const { fakeController } = await import('tsplay/testing')
    const controller = fakeController({})
    await planFor(apt_repository, given, host(), { controller })
    secrets.push(...controller.secrets)
    expect(secrets).to.deep.equal(['hunter2'])
  })

  it('says what is no source, and where there is no apt', async () => {
    const wrong = await planFor(apt_repository, { repo: 'http://example.org' }, host()).catch((thrown) => thrown)
    expect(wrong.message).to.equal('Invalid repository string: http://example.org')
    expect((await planFor(apt_repository, { repo: LINE }, fakeHost({ files: {} }))).failed).to.equal(
      `This host has neither ${MAIN} nor ${PARTS}.`,
    )
  })
})
