import { expect } from 'chai'
import type { Effect } from '../../engine/state/effect.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { lookName } from '../../engine/state/look-name.ts'
import type { ReadKind } from '../../engine/state/read.ts'
import { groupEntry } from '../../engine/state/reads/account.ts'
import { commandPath } from '../../engine/state/reads/command-path.ts'
import { content } from '../../engine/state/reads/content.ts'
import { fileType } from '../../engine/state/reads/file-type.ts'
import { identity } from '../../engine/state/reads/identity.ts'
import { link } from '../../engine/state/reads/link.ts'
import { listing } from '../../engine/state/reads/listing.ts'
import { query } from '../../engine/state/reads/query.ts'
import { stat } from '../../engine/state/reads/stat.ts'

/** What is known before, by a name for the tables. */
const known: Readonly<Record<string, readonly [kind: ReadKind<never, unknown>, ask: unknown]>> = {
  'text of /d/f': [content, '/d/f'],
  'stat of /d/f': [stat, { path: '/d/f' }],
  'stat of /d': [stat, { path: '/d' }],
  'type of /d': [fileType, '/d'],
  'link at /d': [link, '/d'],
  'names in /d': [listing, '/d'],
  'text of /d/e/g': [content, '/d/e/g'],
  'text of /d-other/f': [content, '/d-other/f'],
  'text of r/f': [content, 'r/f'],
  'text of r': [content, 'r'],
  'text through /l': [content, '/l/f'],
  'group a': [groupEntry, 'a'],
  'group b': [groupEntry, 'b'],
  'command x': [commandPath, 'x'],
  'who am I': [identity, ''],
  'free look': [query, 'echo'],
}
const accounts = ['group a', 'group b']

const cases: readonly [title: string, effects: readonly Effect[], outdated: readonly string[]][] = [
  ['nothing', [], []],
  [
    'a file',
    [{ file: { path: '/d/f', type: 'file' } }],
    ['text of /d/f', 'stat of /d/f', 'stat of /d', 'names in /d', 'text through /l', 'free look'],
  ],
  [
    'a folder',
    [{ file: { path: '/d', type: 'absent' } }],
    [
      ...['text of /d/f', 'stat of /d/f', 'stat of /d', 'type of /d', 'link at /d', 'names in /d', 'text of /d/e/g'],
      ...['text through /l', 'free look'],
    ],
  ],
  [
    // A step may act on the link, or on what it leads to.
    'a link',
    [{ file: { path: '/l', type: 'link', target: '/x' } }],
    [
      ...['text of /d/f', 'stat of /d/f', 'stat of /d', 'type of /d', 'link at /d', 'names in /d', 'text of /d/e/g'],
      ...['text through /l', 'free look'],
    ],
  ],
  [
    'a folder by a path from here',
    [{ file: { path: 'r', type: 'absent' } }],
    ['text of r/f', 'text of r', 'free look'],
  ],
  ['one answer', [{ read: 'group', key: 'a', gives: null }], ['group a', 'free look']],
  ['a kind of answers', [{ outdates: 'group', why: 'x' }], [...accounts, 'free look']],
  ['what may come', [{ brings: 'command', why: 'x' }], ['command x', 'free look']],
  ['everything', [{ outdates: 'everything', why: 'x' }], Object.keys(known).filter((name) => name !== 'who am I')],
]

describe('what is known of a host', () => {
  let memory: HostMemory
  beforeEach(async () => {
    memory = new HostMemory()
    memory.keep('way', link, '/l', Promise.resolve('/d'))
    for (const [kind, ask] of Object.values(known)) if (kind !== link) keep('way', kind, ask)
    keep('way', link, '/d')
    await new Promise((resolve) => setImmediate(resolve))
  })
  const keep = (way: string, kind: ReadKind<never, unknown>, ask: unknown) =>
    memory.keep(way, kind as ReadKind<unknown, unknown>, ask, Promise.resolve(null))
  const gone = () =>
    Object.entries(known)
      .filter(([, [kind, ask]]) => memory.kept('way', kind as ReadKind<unknown, unknown>, ask) === undefined)
      .map(([name]) => name)

  for (const [title, effects, outdated] of cases) {
    it(`is forgotten where ${title} changed`, () => {
      memory.outdate(effects)
      expect(gone()).to.have.members(outdated)
    })

    it(`is asked again, where it is wanted, after ${title} changed`, () => {
      for (const [kind, ask] of Object.values(known))
        memory.want('way', lookName(kind as ReadKind<unknown, unknown>, ask).id)
      const again = [...memory.outdatedBy(effects)].filter((one) => memory.isWanted(one))
      const names = Object.entries(known).filter(([, [kind, ask]]) =>
        again.some((one) => one.kind === (kind as unknown) && one.ask === ask),
      )
      // Free looks are in no effect, but for that which changes all.
      const foreseen = title === 'everything' ? outdated : outdated.filter((name) => name !== 'free look')
      expect(names.map(([name]) => name)).to.have.members(foreseen)
    })
  }

  it('is wanted by nobody, nor another way, before somebody says so', () => {
    const changed = [...memory.outdatedBy([{ file: { path: '/d/f', type: 'file' } }])]
    expect(changed.filter((one) => memory.isWanted(one))).to.deep.equal([])
    for (const { name } of changed) memory.want('other', name.id)
    expect(changed.filter((one) => memory.isWanted(one))).to.deep.equal([])
  })

  it('is forgotten by all that was known when the connection is new', () => {
    memory.forgetEverything()
    expect(gone()).to.have.members(Object.keys(known))
  })
})
