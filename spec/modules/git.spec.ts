import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { gitEnvironment, readRefs } from '../../engine/state/git/remote.ts'
import { problemOf, Workbench } from './workbench.ts'

const ME = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'protocol.file.allow=always']

describe('git', function () {
  this.timeout(60_000)
  let bench: Workbench
  let repo: string
  let dest: string
  const git = (folder: string, ...words: string[]) =>
    execFileSync('git', [...ME, '-C', folder, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  /** Commits a file in the repository that is served. */
  const commit = (text: string): string => {
    writeFileSync(`${repo}/file`, text)
    git(repo, 'add', '-A')
    git(repo, 'commit', '-qm', text)
    return git(repo, 'rev-parse', 'HEAD')
  }
  const settle = (given: object = {}) => bench.settle('git', { repo, dest, ...given })
  const head = () => git(dest, 'rev-parse', 'HEAD')
  const branch = () => git(dest, 'rev-parse', '--abbrev-ref', 'HEAD')
  let one: string
  /** Whatever the connection starts sees these variables too. */
  const within = async (variables: Record<string, string>, work: () => Promise<void>) => {
    const before = { ...process.env }
    Object.assign(process.env, variables)
    await bench.connection.close()
    try {
      await work()
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name]
      Object.assign(process.env, before)
    }
  }

  beforeEach(() => {
    bench = new Workbench()
    repo = bench.path('served')
    dest = bench.path('deep', 'checkout')
    execFileSync('git', ['init', '-q', '-b', 'main', repo])
    one = commit('one')
  })
  afterEach(() => bench.close())

  it('clones, folders above too, and follows its branch', async () => {
    expect(await settle()).to.include({ changed: true, before: null, after: one })
    expect([head(), branch()]).to.deep.equal([one, 'main'])
    const two = commit('two')
    expect(await settle()).to.include({ changed: true, before: one, after: two, remote_url_changed: false })
    expect(readFileSync(`${dest}/file`, 'utf8')).to.equal('two')
  })

  it('goes from branch to tag to commit to branch', async () => {
    git(repo, 'tag', '-a', 'v1', '-m', 'v1')
    git(repo, 'checkout', '-qb', 'work/it')
    const work = commit('work')
    git(repo, 'checkout', '-q', 'main')
    const two = commit('two')
    await settle({ version: 'v1' })
    expect([head(), branch()]).to.deep.equal([one, 'HEAD'])
    expect(await settle({ version: 'work/it' })).to.include({ before: one, after: work })
    expect(branch()).to.equal('work/it')
    await settle({ version: two })
    expect([head(), branch()]).to.deep.equal([two, 'HEAD'])
    await settle({ version: work.slice(0, 9) })
    await settle({ version: 'main' })
    expect([head(), branch()]).to.deep.equal([two, 'main'])
  })

  it('follows a tag that was moved', async () => {
    git(repo, 'tag', 'latest')
    await settle({ version: 'latest' })
    const two = commit('two')
    git(repo, 'tag', '-f', 'latest')
    expect(await settle({ version: 'latest' })).to.include({ before: one, after: two })
  })

  it('fetches as little as is asked for, also when it moves on', async () => {
    commit('two')
    git(repo, 'branch', 'other')
    const three = commit('three')
    await settle({ depth: 1, single_branch: true })
    expect(git(dest, 'rev-list', '--count', 'HEAD')).to.equal('1')
    await settle({ depth: 1, single_branch: true, version: 'other' })
    expect([branch(), git(dest, 'rev-list', '--count', 'HEAD')]).to.deep.equal(['other', '1'])
    await settle({ depth: 1, version: 'main' })
    expect(head()).to.equal(three)
    const four = commit('four')
    expect(await settle({ depth: 1 })).to.include({ after: four })
  })

  it('leaves local work alone, unless forced', async () => {
    await settle()
    appendFileSync(`${dest}/file`, 'mine')
    writeFileSync(`${dest}/untracked`, '')
    const refused = (await bench.apply('git', { repo, dest })).result
    expect(refused.msg).to.equal(`Local modifications exist in the destination: ${dest} (force=no).`)
    expect((await bench.freshCheck('git', { repo, dest })).failed).to.equal(true)
    await settle({ force: true })
    expect(readFileSync(`${dest}/file`, 'utf8')).to.equal('one')
    expect(existsSync(`${dest}/untracked`)).to.equal(true)
  })

  it('leaves what is there alone without update, and tells only without clone', async () => {
    await settle()
    const two = commit('two')
    expect(await settle({ update: false })).to.include({ changed: false, before: one, after: one })
    const told = (await bench.apply('git', { repo, clone: false, version: 'main' })).result
    expect(told).to.include({ changed: true, before: null, after: two })
  })

  it('takes another server', async () => {
    await settle()
    const moved = bench.path('moved')
    execFileSync('git', ['clone', '-q', repo, moved])
    const result = await bench.settle('git', { repo: moved, dest })
    expect(result).to.include({ changed: true, before: one, after: one, remote_url_changed: true })
  })

  it('keeps a bare copy, all of its branches', async () => {
    await settle({ bare: true, remote: 'up' })
    git(repo, 'checkout', '-qb', 'other')
    const two = commit('two')
    git(repo, 'checkout', '-q', 'main')
    const result = await settle({ bare: true, remote: 'up' })
    expect([result['before'], result['after']]).to.deep.equal([one, one])
    expect(git(dest, 'rev-parse', 'other')).to.equal(two)
  })

  it('fetches submodules, and brings them back', async () => {
    const part = bench.path('part')
    execFileSync('git', ['init', '-q', '-b', 'main', part])
    writeFileSync(`${part}/p`, 'p')
    git(part, 'add', '-A')
    git(part, 'commit', '-qm', 'p')
    git(repo, 'submodule', '--quiet', 'add', `file://${part}`, 'sub')
    git(repo, 'commit', '-qm', 'sub')
    writeFileSync(bench.path('gitconfig'), '[protocol "file"]\n\tallow = always\n')
    await within({ GIT_CONFIG_GLOBAL: bench.path('gitconfig') }, async () => {
      await settle()
      expect(existsSync(`${dest}/sub/p`)).to.equal(true)
      git(dest, 'submodule', '--quiet', 'deinit', '-f', 'sub')
      expect(await settle()).to.include({ changed: true, submodules_changed: true })
      expect(existsSync(`${dest}/sub/p`)).to.equal(true)
    })
  })

  it('packs what is checked out, and packs it anew when that moves on', async () => {
    const archive = bench.path('code.tar.gz')
    const given = { archive, archive_prefix: 'code/' }
    await settle(given)
    const content = () => execFileSync('tar', ['-xzOf', archive, 'code/file'], { encoding: 'utf8' })
    expect(content()).to.equal('one')
    commit('two')
    expect((await settle(given)).changed).to.equal(true)
    expect(content()).to.equal('two')
    writeFileSync(archive, 'broken')
    expect(await settle({ ...given, update: false })).to.include({ changed: true })
    expect(content()).to.equal('two')
  })

  it('says that a commit cannot be fetched with a part of its history', async () => {
    const { warnings } = await settle({ version: one, depth: 1 })
    expect(warnings).to.deep.equal([
      `All of the history is fetched: "depth" is for branches and tags, and ${one} is a commit.`,
    ])
    expect((await settle({ version: 'main', depth: 1 })).warnings).to.deep.equal([])
  })

  it('keeps the repository apart, and moves one there', async () => {
    await settle({ separate_git_dir: bench.path('apart') })
    expect(git(dest, 'rev-parse', '--absolute-git-dir')).to.equal(bench.path('apart'))
    expect(await settle({ separate_git_dir: bench.path('elsewhere') })).to.include({
      git_dir_before: bench.path('apart'),
      git_dir_now: bench.path('elsewhere'),
    })
    expect(git(dest, 'rev-parse', '--absolute-git-dir')).to.equal(bench.path('elsewhere'))
    expect(existsSync(bench.path('apart'))).to.equal(false)
    expect(git(dest, 'status', '--porcelain')).to.equal('')
  })

  it('checks out only what is signed, by a key that counts', async () => {
    mkdirSync(bench.path('keys'), { mode: 0o700 })
    await within({ GNUPGHOME: bench.path('keys') }, async () => {
      const gpg = (...words: string[]) =>
        execFileSync('gpg', ['--batch', '-q', ...words], { encoding: 'utf8', stdio: 'pipe' })
      gpg('--passphrase', '', '--quick-gen-key', 'a@b.c', 'ed25519', 'sign', 'never')
      const key = /^fpr:+([0-9A-F]+):/m.exec(gpg('--with-colons', '-k'))?.[1] ?? ''
      const refused = async (given: object) =>
        (await problemOf(bench.apply('git', { repo, dest, verify_commit: true, ...given }))).message
      expect(await refused({})).to.contain(`Failed to verify GPG signature of commit ${one}`)
      expect(existsSync(dest)).to.equal(false)
      git(repo, 'tag', '-s', '-u', key, '-m', 'v1', 'v1')
      git(repo, 'commit', '-q', '--allow-empty', `-S${key}`, '-m', 'signed')
      expect(await refused({ gpg_allowlist: ['A'.repeat(40)] })).to.contain('a key that gpg_allowlist does not name')
      await settle({ verify_commit: true, gpg_whitelist: [key] })
      expect(readFileSync(`${dest}/file`, 'utf8')).to.equal('one')
      await settle({ verify_commit: true, version: 'v1' })
      expect(head()).to.equal(one)
      execFileSync('gpgconf', ['--kill', 'all'])
    })
  })

  it('logs in with a password that stands in the address, and keeps it nowhere', async () => {
    git(repo, 'update-server-info')
    const right = `Basic ${Buffer.from('me:p@ss "w').toString('base64')}`
    const server = createServer((request, response) => {
      const file = `${repo}/.git${decodeURIComponent((request.url ?? '').replace(/\?.*/, ''))}`
      const known = request.headers.authorization === right
      response.writeHead(!known ? 401 : existsSync(file) ? 200 : 404, { 'www-authenticate': 'Basic realm="x"' })
      response.end(known && existsSync(file) ? readFileSync(file) : '')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const address = (password: string) => `http://me:${encodeURIComponent(password)}@127.0.0.1:${port}/`
    try {
      expect(await settle({ repo: address('p@ss "w') })).to.include({ after: one })
      expect(bench.secrets).to.include('p@ss "w')
      expect(git(dest, 'config', 'remote.origin.url')).to.equal(`http://me@127.0.0.1:${port}/`)
      expect(() => execFileSync('grep', ['-rF', 'p@ss', dest])).to.throw()
      const refused = await problemOf(bench.apply('git', { repo: address('wrong'), dest }))
      expect(refused.message)
        .to.match(/cannot be asked: .*Authentication failed/)
        .and.not.contain('wrong')
    } finally {
      server.close()
    }
  })

  it('fetches what a refspec names', async () => {
    git(repo, 'checkout', '-q', '--detach')
    const hidden = commit('hidden')
    git(repo, 'update-ref', 'refs/pull/7/head', hidden)
    git(repo, 'checkout', '-q', 'main')
    await settle({ refspec: 'refs/pull/7/head', version: hidden })
    expect(head()).to.equal(hidden)
  })

  it('goes on in a dry run as if it were checked out, and knows that it knows no files', async () => {
    await bench.check('git', { repo, dest })
    expect((await bench.check('git', { repo, dest })).result.changed).to.equal(false)
    expect((await bench.check('stat', { path: `${dest}/file` })).result['unverified']).to.match(
      /^rests on the files of file:\/\/\S+served, which are not checked out/,
    )
    expect((await bench.check('stat', { path: dest })).result).to.deep.include({ changed: false })
    expect(existsSync(dest)).to.equal(false)
  })

  it('says what is wrong', async () => {
    const unknown = (await bench.apply('git', { repo, dest, version: 'nope' })).result
    expect(unknown.msg).to.equal('Could not determine remote revision for nope')
    const gone = await problemOf(bench.apply('git', { repo: bench.path('gone'), dest }))
    expect(gone.message).to.match(/gone cannot be asked: fatal: .*does not appear to be a git repository/)
    mkdirSync(dest, { recursive: true })
    writeFileSync(`${dest}/mine`, '')
    expect((await bench.apply('git', { repo, dest })).result.msg).to.equal(
      `destination path '${dest}' already exists and is not an empty directory.`,
    )
    expect((await bench.apply('git', { repo, dest, executable: '/no/git' })).result.msg).to.equal(
      'This host has no git at /no/git.',
    )
  })
})

describe('what git asks a server', () => {
  it('finds the commit of an annotated tag, and only names that are whole', () => {
    const refs = readRefs(
      'ref: refs/heads/main\tHEAD\na1\tHEAD\na1\trefs/heads/main\nb2\trefs/heads/x/main\nc3\trefs/tags/v1\nd4\trefs/tags/v1^{}\n',
      'v1',
    )
    expect(refs).to.deep.equal({
      head: 'a1',
      headBranch: 'main',
      branches: { main: 'a1', 'x/main': 'b2' },
      tag: 'd4',
      annotated: true,
    })
  })

  it('gives ssh a key and the rule for servers, and never lets it ask', () => {
    const words = (more: object) =>
      /ssh\}\} "(.*)$/m.exec(gitEnvironment({ accept_hostkey: false, accept_newhostkey: false, ...more }))?.[1]
    expect(words({})).to.equal("'-o BatchMode=yes'")
    expect(words({ key_file: '/a b', accept_newhostkey: true })).to.contain(
      '-o StrictHostKeyChecking=accept-new -o BatchMode=yes -i ',
    )
    expect(words({ ssh_opts: '-o StrictHostKeyChecking=no', accept_hostkey: true })).to.equal(
      "'-o StrictHostKeyChecking=no -o BatchMode=yes'",
    )
  })
})
