import { expect } from 'chai'
import type { SecurityContexts } from '../../engine/state/reads/security-context.ts'
import { securityContext } from '../../engine/state/reads/security-context.ts'
import { fakeHost, planFor, settles } from '../../engine/testing/index.ts'
import copy from '../../modules/copy.ts'
import file from '../../modules/file.ts'

const path = '/srv/index.html'
const type = (setype: string) => ({ seuser: 'system_u', serole: 'object_r', setype, selevel: 's0' })
const looks = (contexts: SecurityContexts | null, flags: string | null = 'e') => ({
  files: { [path]: 'hello\n' },
  answers: {
    [`security-context ${path}`]: contexts,
    [`file-flags ${path}`]: flags === null ? null : { flags },
  },
})
const enforcing = { now: type('var_t'), policy: type('httpd_sys_content_t') }

describe('flags and labels of files', () => {
  const tables: [
    what: string,
    given: Record<string, string>,
    contexts: SecurityContexts | null,
    flags: string,
    change: [string, string],
    script: string,
  ][] = [
    [
      'a type',
      { setype: 'etc_t' },
      enforcing,
      'e',
      ['system_u:object_r:var_t:s0', 'system_u:object_r:etc_t:s0'],
      `chcon -h -t etc_t -- ${path}`,
    ],
    [
      'the type of the policy',
      { setype: '_default' },
      enforcing,
      'e',
      ['system_u:object_r:var_t:s0', 'system_u:object_r:httpd_sys_content_t:s0'],
      `chcon -h -t httpd_sys_content_t -- ${path}`,
    ],
    [
      'user and level',
      { seuser: 'staff_u', selevel: 's0:c1,c2' },
      enforcing,
      'e',
      ['system_u:object_r:var_t:s0', 'staff_u:object_r:var_t:s0:c1,c2'],
      `chcon -h -u staff_u -l s0:c1,c2 -- ${path}`,
    ],
    ['a flag more', { attributes: '+i' }, null, 'ed', ['d', 'di'], `chattr +i ${path}`],
    ['a flag less', { attributes: '-d' }, null, 'edA', ['Ad', 'A'], `chattr -d ${path}`],
    ['the only flag', { attributes: '=i' }, null, 'ed', ['d', 'i'], `chattr +i -d ${path}`],
  ]
  for (const [what, given, contexts, flags, [before, after], script] of tables) {
    it(`are set: ${what}`, async () => {
      const { changes, steps } = await settles(file, { path, ...given }, fakeHost(looks(contexts, flags)))
      const name = contexts ? 'SELinux label' : 'attributes'
      expect(changes).to.deep.equal([{ path: `${path} ${name}`, before, after }])
      expect(steps.at(-1)!.script).to.equal(`set -e\n${script}`)
    })
  }

  const right: [string, Record<string, string>, SecurityContexts | null, string][] = [
    ['the type is right', { setype: 'var_t' }, enforcing, 'e'],
    ['the host has no SELinux', { setype: 'etc_t', seuser: 'staff_u' }, null, 'e'],
    ['the flag is there', { attributes: '+i' }, null, 'ie'],
    ['the flag is not there', { attributes: '-i' }, null, 'e'],
    ['the only flag that can be set is there', { attributes: 'i' }, null, 'ei'],
  ]
  for (const [what, given, contexts, flags] of right) {
    it(`are left alone where ${what}`, async () => {
      expect((await planFor(file, { path, ...given }, fakeHost(looks(contexts, flags)))).steps).to.deep.equal([])
    })
  }

  it('are flags set anew where another file takes the name, though the old one had them; its label is kept', async () => {
    const host = fakeHost(looks({ now: type('etc_t'), policy: type('var_t') }, 'ed'))
    const { changes, steps } = await planFor(
      copy,
      { dest: path, content: 'new\n', setype: 'etc_t', attributes: '+d' },
      host,
    )
    expect(changes.map((change) => change.path)).to.deep.equal([path])
    expect(steps.at(-1)!.script).to.equal(`set -e\nchattr +d ${path}`)
  })

  const made: [what: string, module: typeof copy | typeof file, given: object, script: string | undefined][] = [
    [
      'a new file that is to have the label of the policy',
      copy,
      { dest: path, content: 'a', setype: 'var_t' },
      undefined,
    ],
    [
      'a new file with another type',
      copy,
      { dest: path, content: 'a', setype: 'etc_t' },
      `chcon -h -t etc_t -- ${path}`,
    ],
    [
      'a new folder, which the kernel labels',
      file,
      { path, state: 'directory', setype: 'var_t' },
      `chcon -h -t var_t -- ${path}`,
    ],
  ]
  for (const [what, module, given, script] of made)
    it(`of what is made: ${what}`, async () => {
      const host = fakeHost({ ...looks({ now: null, policy: type('var_t') }), files: { '/srv/other': '' } })
      const { steps } = await planFor(module as typeof copy, given as never, host)
      expect(steps.slice(1).map((step) => step.script)).to.deep.equal(script === undefined ? [] : [`set -e\n${script}`])
    })

  it('cannot be where the file system keeps no flags', async () => {
    const { failed } = await planFor(file, { path, attributes: '+i' }, fakeHost(looks(null, null)))
    expect(failed).to.contain('its file system keeps none')
  })

  it('are read from what stat and matchpathcon say', () => {
    const reply = {
      status: 0,
      stdout: Buffer.from('u:r:t_t:s0:c1\nsystem_u:object_r:x_t:s0\n\n\n'),
      stderr: Buffer.alloc(0),
    }
    expect(securityContext.parse([reply as never], ['/a', '/b'])).to.deep.equal([
      { now: { seuser: 'u', serole: 'r', setype: 't_t', selevel: 's0:c1' }, policy: type('x_t') },
      { now: null, policy: null },
    ])
    expect(securityContext.parse([{ ...reply, stdout: Buffer.alloc(0) } as never], ['/a'])).to.deep.equal([null])
  })
})
