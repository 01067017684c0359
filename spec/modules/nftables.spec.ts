import { expect } from 'chai'
import { Problem, Problems } from '../../engine/base/problem.ts'
import { leavesTable, nftListing, nftTable, settledListing } from '../../engine/state/nftables.ts'
import { fakeHost } from '../../engine/testing/fake-host.ts'
import { planFor, settles } from '../../engine/testing/plan-for.ts'
import nftables from '../../modules/nftables.ts'
import { params } from './harness.ts'

const BODY = 'chain c { counter }'
const LISTING = 'table inet own {\n\tchain c {\n\t\tcounter\n\t}\n}\n'
const table = { family: 'inet', name: 'own' }

const host = (now: string | null, wanted: object = { listing: LISTING }) =>
  fakeHost({
    commands: ['nft'],
    answers: { 'nft-table inet own': now, [`nft-listing inet own\n${BODY}`]: wanted },
  })
const reply = (status: number, stdout: string, stderr = '') => ({
  status,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
})

describe('nftables', () => {
  it('loads a table that is missing, in the place of what is there by then', async () => {
    const { steps, changes, result } = await settles(nftables, { name: 'own', content: BODY }, host(null))
    expect(String(steps?.[0]?.send)).to.equal(`table inet own {}\ndelete table inet own\ntable inet own {${BODY}\n}\n`)
    expect(changes).to.deep.equal([{ path: 'nftables inet own', after: LISTING }])
    expect(result).to.deep.equal({ ...table, listing: LISTING })
  })

  it('replaces one that differs, and leaves one that does not', async () => {
    const given = { table: 'own', src: 'own.nft' }
    const controller = { files: { 'files/own.nft': BODY } }
    const { changes } = await settles(nftables, given, host('table inet own {\n}\n'), { controller })
    expect(changes).to.deep.equal([{ path: 'nftables inet own', before: 'table inet own {\n}\n', after: LISTING }])
    expect((await planFor(nftables, given, host(LISTING), { controller })).steps).to.deep.equal([])
  })

  it('takes a table away', async () => {
    const gone = { name: 'own', state: 'absent' }
    const { steps } = await settles(nftables, gone, host(LISTING))
    expect(steps?.[0]?.script).to.equal('nft delete table inet own')
    expect((await planFor(nftables, gone, host(null))).steps).to.deep.equal([])
  })

  const refusals: [what: string, content: string, wanted: object, failed: string][] = [
    [
      'what nft refuses',
      BODY,
      { refused: 'line 1: syntax error' },
      'nft cannot take the table inet own: line 1: syntax error',
    ],
    [
      'a text that ends the table',
      '}\nflush ruleset\ntable inet own {',
      {},
      'The braces of the text for the table inet own do not match.',
    ],
    ['a text that ends too early', 'chain c {', {}, 'The braces of the text for the table inet own do not match.'],
  ]
  for (const [what, content, wanted, failed] of refusals)
    it(`refuses ${what}`, async () =>
      expect((await planFor(nftables, { name: 'own', content }, host(null, wanted))).failed).to.equal(failed))

  it('says what a host lacks', async () => {
    const none = fakeHost({ commands: [], answers: { 'nft-table inet own': null } })
    expect((await planFor(nftables, { name: 'own', state: 'absent' }, none)).failed).to.equal(
      'This host has no command nft.',
    )
  })

  const mistakes: [given: object, message: string][] = [
    [{ content: '' }, 'module needs "name".'],
    [{ name: 'own' }, 'module needs "content" or "src".'],
    [{ name: 'own', content: '', src: 'a' }, '"content" and "src" of module exclude each other.'],
    [{ name: 'own; flush ruleset', content: '' }, '"name" of module cannot be "own; flush ruleset".'],
    [{ name: '$(reboot)', content: '' }, '"name" of module cannot be "$(reboot)".'],
    [{ name: 'a\nb', content: '' }, '"name" of module cannot be "a\\nb".'],
    [{ name: 'own', family: 'ip4', content: '' }, '"family" of module cannot be "ip4".'],
  ]
  for (const [given, message] of mistakes)
    it(`refuses ${JSON.stringify(given)}`, () =>
      expect(() => params(nftables, { ...given })).to.throw(Problems, message))

  it('knows a brace from one in a string or a comment', () => {
    expect(leavesTable('chain c { comment "}" # }\n}')).to.equal(false)
    expect(leavesTable('} chain c {')).to.equal(true)
    expect(leavesTable('chain c { "\n}}')).to.equal(true)
  })

  it('leaves out the elements of sets that packets fill, and of no others', () => {
    const set = (name: string, flags: string, elements: string) =>
      `\tset ${name} {\n\t\ttype ipv4_addr\n${flags}${elements}\t}\n`
    const elements = '\t\telements = { 192.0.2.1 expires 5s,\n\t\t\t     192.0.2.2 }\n'
    const text = (of: string) =>
      `table inet own {\n${set('a', '\t\tflags dynamic,timeout\n', of)}\n${set('b', '\t\tflags interval\n', elements)}}\n`
    expect(settledListing(text(elements))).to.equal(text(''))
  })

  it('quotes the text, and says where it is wrong', () => {
    const [item] = nftListing.items([{ ...table, body: "# it's $(reboot)" }])
    expect(item).to.contain("t='table inet own {# it'\\''s $(reboot)\n}'\n")
    const said = (status: number, stdout: string) =>
      nftListing.parse([reply(status, stdout)], [{ ...table, body: '' }])[0]
    expect(said(3, "/dev/stdin:4:22-22: Error: syntax error, unexpected '}'\n chain\n")).to.deep.equal({
      refused: "line 4: syntax error, unexpected '}'",
    })
    expect(said(4, 'table ip evil\n')).to.deep.equal({ refused: 'it makes more than that table: table ip evil' })
    expect((said(1, 'unshare: unshare failed: Operation not permitted\n') as Problem).message).to.equal(
      'What becomes of the table inet own cannot be seen in a network namespace of its own: unshare: unshare failed: Operation not permitted',
    )
  })

  it('tells a table that is not there from one that may not be seen', () => {
    const look = (status: number, stderr: string) => nftTable.parse([reply(status, '', stderr)], [table])[0]
    expect(look(1, 'Error: No such file or directory\nlist table inet own\n')).to.equal(null)
    expect(look(1, 'Operation not permitted (you must be root)\n'))
      .to.be.instanceOf(Problem)
      .with.property('hint', 'The task may need "become: true"; a container may not be allowed to.')
  })
})
