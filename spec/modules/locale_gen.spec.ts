import { expect } from 'chai'
import { fakeHost, planFor, settles } from 'tsplay/testing'
import locale_gen from '../../modules/locale_gen.ts'

const LIST = '# This file lists locales.\n\n# de_CH ISO-8859-1\n# de_CH.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n'
const ALL = 'C\nC.utf8\nPOSIX\nen_US.utf8\nde_DE@euro\n'
const ASK = 'locale -a 2>/dev/null || { command -v locale >/dev/null 2>&1 || exit 44; }'
const KNOWN = { '/usr/share/i18n/SUPPORTED': 'de_CH.UTF-8 UTF-8\nnl_NL.UTF-8 UTF-8\n' }
const debian = (list = LIST) => fakeHost({ files: { '/etc/locale.gen': list, ...KNOWN }, queries: { [ASK]: ALL } })
const ubuntu = () =>
  fakeHost({
    files: { '/var/lib/locales/supported.d/local': 'en_US.UTF-8 UTF-8\nde_CH.UTF-8 UTF-8\n', ...KNOWN },
    queries: { [ASK]: ALL },
  })

describe('locale_gen', () => {
  it('puts a line to use, and makes the locale', async () => {
    const { changes, steps } = await settles(locale_gen, { name: 'de_CH.UTF-8' }, debian())
    expect(changes).to.deep.equal([
      { path: 'locale de_CH.UTF-8', before: false, after: true },
      { path: '/etc/locale.gen', before: LIST, after: LIST.replace('# de_CH.UTF-8', 'de_CH.UTF-8') },
    ])
    expect(steps.at(-1)?.script).to.match(/^said=\$\(locale-gen 2>&1\)/)
  })

  it('knows a locale by whatever way its encoding is written', async () => {
    for (const name of ['en_US.UTF-8', 'en_US.utf8', 'C.UTF-8', 'de_DE@euro', 'POSIX'])
      expect((await settles(locale_gen, { name }, debian())).steps, name).to.deep.equal([])
  })

  it('adds a line that somebody took out of the list', async () => {
    const { changes } = await settles(locale_gen, { name: ['nl_NL.UTF-8', 'en_US.UTF-8'] }, debian())
    expect(changes.map((change) => change.path)).to.deep.equal(['locale nl_NL.UTF-8', '/etc/locale.gen'])
    expect(changes[1]?.after).to.equal(`${LIST}nl_NL.UTF-8 UTF-8\n`)
  })

  it('makes again what the list says already', async () => {
    const { changes } = await settles(locale_gen, { name: 'de_CH.UTF-8' }, debian('de_CH.UTF-8 UTF-8\n'))
    expect(changes.map((change) => change.path)).to.deep.equal(['locale de_CH.UTF-8'])
  })

  it('removes one of several', async () => {
    const { changes } = await settles(locale_gen, { name: ['en_US.UTF-8', 'de_CH.UTF-8'], state: 'absent' }, debian())
    expect(changes).to.deep.equal([
      { path: 'locale en_US.UTF-8', before: true, after: false },
      { path: '/etc/locale.gen', before: LIST, after: LIST.replace('\nen_US', '\n# en_US') },
    ])
  })

  it("names them to Ubuntu's locale-gen, and takes them out of its notes", async () => {
    const made = await settles(locale_gen, { name: 'nl_NL.UTF-8' }, ubuntu())
    expect(made.steps.map((step) => step.script.split('\n')[0])).to.deep.equal([
      `said=$(locale-gen nl_NL.UTF-8 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }`,
    ])
    const { steps } = await settles(locale_gen, { name: 'en_US.UTF-8', state: 'absent' }, ubuntu())
    expect(steps[0]?.send?.toString()).to.equal('de_CH.UTF-8 UTF-8\n')
    expect(steps[1]?.script).to.match(/locale-gen --purge/)
  })

  it('says what the host cannot make, and which package is missing', async () => {
    const unknown = await planFor(locale_gen, { name: ['xx_YY.UTF-8', 'de_CH.UTF-8'] }, debian())
    expect(unknown.failed).to.equal(
      "The following locales you've entered are not available on your system: xx_YY.UTF-8",
    )
    const bare = await planFor(locale_gen, { name: 'C.UTF-8' }, fakeHost({ files: {}, queries: { [ASK]: ALL } }))
    expect([bare.failed, bare.hint]).to.deep.equal([
      '/var/lib/locales/supported.d and /etc/locale.gen are missing.',
      'Install the package "locales" first.',
    ])
  })
})
