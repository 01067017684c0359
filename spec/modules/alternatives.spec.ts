import { expect } from 'chai'
import { fakeHost, planFor, settles } from 'tsplay/testing'
import alternatives from '../../modules/alternatives.ts'

const ask = (name: string) =>
  `t=$(command -v update-alternatives || command -v alternatives) || exit 44; if [ -f /var/lib/alternatives/${name} ]; then LC_ALL=C "$t" --display ${name} 2>/dev/null && printf '\\036' && cat /var/lib/alternatives/${name}; else LC_ALL=C "$t" --query ${name} 2>/dev/null; fi`
/** As update-alternatives of Debian 12 prints it. */
const NANO = `Name: editor
Link: /usr/bin/editor
Slaves:
 editor.1.gz /usr/share/man/man1/editor.1.gz
Status: auto
Best: /bin/nano
Value: /bin/nano

Alternative: /bin/nano
Priority: 40
Slaves:
 editor.1.gz /usr/share/man/man1/nano.1.gz

Alternative: /usr/bin/vim.basic
Priority: 30
`
const file = { content: '' }
const files = { '/bin/nano': file, '/usr/bin/vim.basic': file, '/srv/vim.1': file }
const host = (text: string = NANO) => fakeHost({ files, queries: { [ask('editor')]: text } })
const nano = { name: 'editor', path: '/bin/nano' }
const vim = { name: 'editor', path: '/usr/bin/vim.basic', state: 'present' }
const page = { name: 'editor.1.gz', link: '/usr/share/man/man1/editor.1.gz' }

describe('alternatives', () => {
  it('leaves the priority and the subcommands alone that nobody asks about', async () => {
    expect((await settles(alternatives, nano, host())).steps).to.deep.equal([])
    expect((await settles(alternatives, vim, host())).steps).to.deep.equal([])
  })

  it('keeps the subcommands when only the priority changes', async () => {
    const { steps, changes } = await settles(alternatives, { ...nano, priority: 60 }, host())
    expect(changes).to.deep.equal([{ path: 'alternatives editor /bin/nano', before: 40, after: 60 }])
    expect(steps[0]?.script).to.contain(
      '--install /usr/bin/editor editor /bin/nano 60 --slave /usr/share/man/man1/editor.1.gz editor.1.gz /usr/share/man/man1/nano.1.gz',
    )
  })

  it('adds a subcommand to one that is known', async () => {
    const { steps, changes } = await settles(
      alternatives,
      { ...vim, subcommands: [{ ...page, path: '/srv/vim.1' }] },
      host(),
    )
    expect(changes).to.deep.equal([
      {
        path: 'alternatives editor /usr/bin/vim.basic editor.1.gz',
        after: '/usr/share/man/man1/editor.1.gz → /srv/vim.1',
      },
    ])
    expect(steps[0]?.script).to.match(/vim\.basic 30 --slave \S+ editor\.1\.gz \/srv\/vim\.1 /)
  })

  it('takes away those that are not asked for, and moves a link for all of them', async () => {
    const gone = await settles(alternatives, { ...nano, subcommands: [] }, host())
    expect(gone.changes).to.deep.equal([
      {
        path: 'alternatives editor /bin/nano editor.1.gz',
        before: '/usr/share/man/man1/editor.1.gz → /usr/share/man/man1/nano.1.gz',
      },
    ])
    expect(gone.steps[0]?.script).to.not.contain('--slave')
    const moved = host()
    await settles(alternatives, { ...vim, slaves: [{ ...page, link: '/srv/e.1', path: '/srv/vim.1' }] }, moved)
    const kept = [{ name: 'editor.1.gz', link: '/srv/e.1', path: '/usr/share/man/man1/nano.1.gz' }]
    expect((await planFor(alternatives, { ...nano, subcommands: kept }, moved)).steps).to.deep.equal([])
  })

  it('says which file of a subcommand is missing, and which stands twice', async () => {
    const missing = await planFor(alternatives, { ...vim, subcommands: [{ ...page, path: '/none' }] }, host())
    expect(missing.warnings).to.deep.equal(['/none is not there: its link is not made before it is.'])
    const both = [1, 2].map(() => ({ ...page, path: '/srv/vim.1' }))
    const twice = await planFor(alternatives, { ...vim, subcommands: both }, host())
    expect(twice.failed).to.equal('The subcommand editor.1.gz stands twice in "subcommands".')
  })

  it('adds with the priority 50', async () => {
    const { changes } = await settles(
      alternatives,
      { name: 'editor', path: '/srv/vim.1', link: '/usr/bin/editor' },
      host(''),
    )
    expect(changes.slice(0, 1)).to.deep.equal([{ path: 'alternatives editor /srv/vim.1', after: 50 }])
  })

  /** As alternatives of Red Hat's chkconfig displays it, and what is in its file. */
  const JAVA = `java - status is auto.
 link currently points to /opt/jre-11/bin/java
/opt/jre-11/bin/java - family jre-11.x86_64 priority 1110
 slave keytool: /opt/jre-11/bin/keytool
/opt/jre-8/bin/java - priority 800
 follower keytool: (null)
Current \`best' version is /opt/jre-11/bin/java.
\x1eauto
/usr/bin/java
keytool
/usr/bin/keytool

/opt/jre-11/bin/java
@jre-11.x86_64@1110
/opt/jre-11/bin/keytool
/opt/jre-8/bin/java
800

`
  const redHat = () =>
    fakeHost({
      files: { '/opt/jre-11/bin/java': file, '/opt/jre-8/bin/java': file },
      queries: { [ask('java')]: JAVA },
    })

  it("reads what Red Hat's tool displays, and keeps the family", async () => {
    const there = { name: 'java', path: '/opt/jre-11/bin/java', priority: 1110 }
    const keytool = { name: 'keytool', link: '/usr/bin/keytool', path: '/opt/jre-11/bin/keytool' }
    expect((await settles(alternatives, { ...there, subcommands: [keytool] }, redHat())).steps).to.deep.equal([])
    const { steps } = await settles(alternatives, { ...there, priority: 5, state: 'present' }, redHat())
    expect(steps.map(({ script }) => script).join()).to.contain(
      '--install /usr/bin/java java /opt/jre-11/bin/java 5 --slave /usr/bin/keytool keytool /opt/jre-11/bin/keytool --family jre-11.x86_64 ',
    )
    const chosen = await settles(alternatives, { name: 'java', path: '/opt/jre-8/bin/java' }, redHat())
    expect(chosen.changes).to.deep.equal([
      { path: 'alternatives java', before: '/opt/jre-11/bin/java', after: '/opt/jre-8/bin/java' },
    ])
  })
})
