import { expect } from 'chai'
import type { Status } from '../../engine/base/result.ts'
import type { PlayTasks, Ran } from '../../engine/testing/example-runs.ts'
import type { Ground, Kept, Seen, Sight } from '../../engine/testing/ground.ts'
import { judge, playOut, type Start } from '../../engine/testing/trial.ts'
import { tryOut } from '../../engine/testing/trials.ts'

/** What one run says, and what it does to the files. */
interface Act {
  readonly status: Status
  readonly wrong?: string
  readonly code?: string
  /** The path it names. */
  readonly names?: string
  readonly does?: (files: Map<string, string>) => void
}

/** A host that is a table of texts; its runs are told what to do. */
class TableGround implements Ground {
  readonly files = new Map<string, string>()
  readonly scripts: string[] = []
  readonly #act: (run: { readonly check: boolean; readonly files: Map<string, string> }) => Act

  constructor(act: (run: { readonly check: boolean; readonly files: Map<string, string> }) => Act) {
    this.#act = act
  }

  readonly play: PlayTasks = async (_, { check = false }): Promise<Ran> => {
    const { status, wrong = '', code, names, does } = this.#act({ check, files: this.files })
    does?.(this.files)
    const changes = names === undefined || status !== 'changed' ? [] : [{ path: names, after: 'new' }]
    const ends = [{ host: 'h', status, changes, steps: [], ...(code === undefined ? {} : { code }) }]
    return { exit: status === 'failed' ? 2 : 0, ends, statuses: [status], wrong }
  }

  async look(): Promise<Sight> {
    const seen = ([path, digest]: [string, string]): [string, Seen] => [path, { kind: 'added', type: 'file', digest }]
    return new Map([...this.files].map(seen))
  }

  async shell(script: string): Promise<{ status: number; said: string }> {
    this.scripts.push(script)
    if (script.includes('0611')) this.files.set('/srv/f', 'damaged')
    return { status: 0, said: '' }
  }

  async keep(): Promise<Kept> {
    const kept = new Map(this.files)
    return {
      putBack: async (paths = [...this.files.keys(), ...kept.keys()]) => {
        for (const path of paths) {
          const text = kept.get(path)
          if (text === undefined) this.files.delete(path)
          else this.files.set(path, text)
        }
        return true
      },
      drop: async () => {},
    }
  }

  async renew(): Promise<void> {
    throw new Error('it can always be put back')
  }
}

const example = { title: 'x', yaml: '- x:' }
const write = (files: Map<string, string>) => void files.set('/srv/f', 'new')
const isDone = (files: Map<string, string>) => files.get('/srv/f') === 'new'

async function tried(act: ConstructorParameters<typeof TableGround>[0], start: Partial<Start> = {}) {
  const ground = new TableGround(act)
  const { end, broken } = judge(example, { state: 'blank', ...start }, await playOut(example, ground))
  return { end, broken }
}

/** Writes /srv/f unless it is right, and says so before; but for what is given. */
const honest =
  (parts: { does?: Act['does']; said?: Partial<Act>; came?: Partial<Act> } = {}) =>
  ({ check, files }: { check: boolean; files: Map<string, string> }): Act => {
    if (isDone(files)) return { status: 'ok', ...(check ? {} : { does: parts.does }) } as Act
    return check
      ? { status: 'changed', names: '/srv/f', ...parts.said }
      : { status: 'changed', names: '/srv/f', does: write, ...parts.came }
  }

describe('a trial', () => {
  it('finds nothing wrong where all comes as it was said', async () => {
    expect(await tried(honest())).to.deep.equal({ end: 'done', broken: {} })
  })

  it('sees a dry run that changes something', async () => {
    const does: Act['does'] = (files) => void files.set('/tmp/mark', 'x')
    expect((await tried(honest({ said: { does } }))).broken).to.deep.equal({ clean: ['/tmp/mark'] })
  })

  it('sees a run that does something else', async () => {
    const { broken } = await tried(honest({ said: { status: 'ok' } }))
    expect(broken.foretold).to.deep.equal(['said ok [], came changed [{"path":"/srv/f","after":"new"}]'])
    expect(broken.named).to.deep.equal(['/srv/f'])
  })

  it('sees a file that nobody had named', async () => {
    const does: Act['does'] = (files) => {
      write(files)
      files.set('/srv/by-the-way', 'x')
    }
    expect((await tried(honest({ came: { does } }))).broken).to.deep.equal({ named: ['/srv/by-the-way'] })
  })

  it('sees a file that was to change, and did not', async () => {
    const does: Act['does'] = (files) => void files.set('/srv/f', 'new')
    const said = { names: '/srv/g' }
    const act = honest({ said, came: { ...said, does } })
    expect((await tried(act)).broken).to.deep.equal({ named: ['/srv/f', '/srv/g was to change, and did not'] })
  })

  it('sees a second run that still does something, even when it keeps silent about it', async () => {
    const again = () => ({ status: 'changed' as const, names: '/srv/f', does: write })
    expect((await tried(again)).broken.settled).to.deep.equal(['changed [{"path":"/srv/f","after":"new"}]'])
    const does: Act['does'] = (files) => void files.set('/srv/f.log', `${files.size}`)
    expect((await tried(honest({ does }))).broken).to.deep.equal({ settled: ['/srv/f.log'] })
  })

  describe('of a run that fails', () => {
    const fails = (wrong: string, code = 'step-failed') =>
      honest({ came: { status: 'failed', wrong, code, does: () => {} } })
    const damaged = { state: 'read-only', on: '/srv', says: /read-only/i }

    it('is content where it says what is wrong with the host', async () => {
      const end = await tried(fails('Could not write f: Read-only file system'), damaged)
      expect(end).to.deep.equal({ end: 'failed', broken: {} })
      expect((await tried(fails('cannot write in /srv'), damaged)).broken).to.deep.equal({})
    })

    it('is not content where it says something else, breaks its word, or nothing is wrong with the host', async () => {
      expect((await tried(fails('sorry'), damaged)).broken.verified).to.deep.equal([
        'it does not say what is wrong: sorry',
      ])
      const breach = 'what is there is not what was predicted: Read-only'
      expect((await tried(fails(breach, 'module-breach'), damaged)).broken.verified).to.deep.equal([breach])
      expect((await tried(fails('Read-only file system'))).broken.verified).to.deep.equal(['Read-only file system'])
    })

    it('is refused where the dry run had said so', async () => {
      const act = () => ({ status: 'failed' as const, wrong: '/srv is read-only' })
      expect(await tried(act, damaged)).to.deep.equal({ end: 'refused', broken: {} })
    })

    it('sees what it leaves behind', async () => {
      const does: Act['does'] = (files) => void files.set('/srv/.half', 'x')
      const act = honest({ came: { status: 'failed', wrong: 'read-only', code: 'step-failed', does } })
      expect((await tried(act, damaged)).broken).to.deep.equal({ named: ['/srv/.half'] })
    })
  })
})

describe('the trials of an example', () => {
  it('try every state that its host can be in, each from the right start', async () => {
    const ground = new TableGround(honest())
    ground.files.set('/srv/other', 'x')
    const trials = await tryOut(example, ground)
    expect(trials.map(({ state, on, end, broken }) => ({ state, on, end, broken }))).to.deep.equal([
      { state: 'blank', on: undefined, end: 'done', broken: {} },
      { state: 'done', on: undefined, end: 'done', broken: {} },
      ...['mode', 'owner', 'dangling', 'folder', 'immutable'].map((state) => ({
        ...{ state, on: '/srv/f', end: 'done', broken: {} },
      })),
      ...['read-only', 'full'].map((state) => ({ state, on: '/srv', end: 'done', broken: {} })),
    ])
    expect(ground.scripts[0]).to.include('chmod 0611').and.include('/srv/f')
    expect([...ground.files]).to.deep.equal([
      ['/srv/other', 'x'],
      ['/srv/f', 'new'],
    ])
  })

  it('damage nothing where nothing is wanted but the usual', async () => {
    const ground = new TableGround(honest())
    expect((await tryOut(example, ground, () => false)).map(({ state }) => state)).to.deep.equal(['blank', 'done'])
    expect(ground.scripts).to.deep.equal([])
  })

  it('end with the first run when it fails', async () => {
    const ground = new TableGround(() => ({ status: 'failed', wrong: 'no' }))
    expect(await tryOut(example, ground)).to.deep.equal([
      { state: 'blank', end: 'refused', broken: { verified: ['no'] } },
    ])
  })

  it('are not made where what the example needs cannot be', async () => {
    const ground = new TableGround(() => ({ status: 'failed', wrong: 'no' }))
    const thrown = await tryOut({ ...example, given: '- y:' }, ground).catch((error: Error) => error.message)
    expect(thrown).to.equal('What the example needs cannot be made: no')
  })
})
