import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

describe('getent', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  for (const [database, key] of [
    ['passwd', 'root'],
    ['group', 'root'],
    ['services', 'ssh'],
    ['protocols', 'tcp'],
  ]) {
    it(`finds ${key} in ${database}`, async () => {
      const { result } = await bench.apply('getent', { database, key })
      const line = execFileSync('getent', [database!, key!], { encoding: 'utf8' }).trim()
      const [name, ...fields] = line.split(database === 'passwd' || database === 'group' ? ':' : /\s+/)
      expect(result['ansible_facts']).to.deep.equal({ [`getent_${database}`]: { [name!]: fields } })
      expect(result.changed).to.equal(false)
    })
  }

  it('finds all', async () => {
    const { result } = await bench.apply('getent', { database: 'passwd' })
    const all = (result['ansible_facts'] as { getent_passwd: Record<string, string[]> }).getent_passwd
    expect(Object.keys(all).length).to.be.greaterThan(5)
    expect(all['root']![4]).to.equal('/root')
  })

  it('fails without the key, or says that there is none', async () => {
    const given = { database: 'group', key: 'no-such-group' }
    expect((await bench.apply('getent', given)).result).to.include({
      failed: true,
      msg: 'One or more supplied key could not be found in the database.',
    })
    expect((await bench.apply('getent', { ...given, fail_key: false })).result['ansible_facts']).to.deep.equal({
      getent_group: { 'no-such-group': null },
    })
    expect((await bench.apply('getent', { database: 'nonsense' })).result.msg).to.equal(
      'Missing arguments, or database unknown.',
    )
  })
})
