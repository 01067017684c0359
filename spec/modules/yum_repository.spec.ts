import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

describe('yum_repository', () => {
  let bench: Workbench
  const given = (more: object) => ({
    name: 'tools',
    description: 'Our tools',
    baseurl: 'http://one.example.org/$basearch',
    reposdir: bench.folder,
    ...more,
  })
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  it('writes a section as Ansible does: sorted, booleans as digits, lists by line or by blank', async () => {
    const result = await bench.settle(
      'yum_repository',
      given({
        baseurl: ['http://one.example.org', 'http://two.example.org'],
        enabled: false,
        gpgcheck: true,
        exclude: ['kernel*', 'vim'],
        priority: '10',
        validate_certs: true,
        mode: '0600',
      }),
    )
    expect(result).to.include({ changed: true, repo: 'tools', state: 'present' })
    expect(bench.read('tools.repo')).to.equal(
      '[tools]\nbaseurl = http://one.example.org\n\thttp://two.example.org\nenabled = 0\nexclude = kernel* vim\ngpgcheck = 1\nname = Our tools\npriority = 10\nsslverify = 1\n\n',
    )
    expect(bench.mode('tools.repo')).to.equal('0600')
  })

  const other = '# ours\n[other]\nname = Other\nbaseurl = http://o.example.org\n\n'

  it('leaves other sections and comments as they are', async () => {
    writeFileSync(bench.path('both.repo'), `${other}[tools]\nname=old\n\n[third]\nname=3\n`)
    await bench.settle('yum_repository', given({ file: 'both' }))
    expect(bench.read('both.repo')).to.equal(
      `${other}[tools]\nbaseurl = http://one.example.org/$basearch\nname = Our tools\n\n[third]\nname=3\n`,
    )
    await bench.settle('yum_repository', { name: 'tools', file: 'both', reposdir: bench.folder, state: 'absent' })
    expect(bench.read('both.repo')).to.equal(`${other}[third]\nname=3\n`)
  })

  it('finds a section right that says the same in another order and form', async () => {
    const text = '[tools]\n; a word\nName: Our tools\nbaseurl=http://one.example.org/$basearch\n'
    writeFileSync(bench.path('tools.repo'), text)
    expect((await bench.apply('yum_repository', given({}))).result.changed).to.equal(false)
    expect(bench.read('tools.repo')).to.equal(text)
  })

  it('removes a file that is left without a section', async () => {
    writeFileSync(bench.path('tools.repo'), '# ours\n[tools]\nname = x\n')
    await bench.settle('yum_repository', given({ state: 'absent' }))
    expect(bench.gone(bench.path('tools.repo'))).to.equal(true)
    expect((await bench.apply('yum_repository', given({ state: 'absent' }))).result.changed).to.equal(false)
  })

  it('says what is missing', async () => {
    expect((await problemOf(bench.apply('yum_repository', { name: 'a', reposdir: bench.folder }))).message).to.equal(
      'A repository needs "baseurl", "metalink" or "mirrorlist".',
    )
    const nowhere = await bench.apply('yum_repository', given({ reposdir: bench.path('none') }))
    expect(nowhere.result.msg).to.equal(`Repo directory '${bench.path('none')}' does not exist.`)
    mkdirSync(bench.path('tools.repo'))
    expect((await bench.apply('yum_repository', given({}))).result.msg).to.contain('is a directory')
  })
})
