import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { Vault } from '../../engine/vault/vault.ts'
import { captured, writeFiles } from '../run/story.ts'

const root = new URL('../..', import.meta.url).pathname
const plain = 'api_token: 0123456789\n'
const vault = new Vault([{ label: 'default', password: 'pass word' }])
const passwords = { pass: 'pass word\n', 'new-pass': 'brand new\n' }

/** What lies in the places where an edited file may lie. */
const leftovers = () =>
  ['/dev/shm', tmpdir()]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith('tsplay-vault-')))

describe('tsplay vault', function () {
  this.timeout(20_000)
  let sealed = ''

  before(async () => {
    sealed = await vault.seal(plain)
  })
  afterEach(() => expect(leftovers()).to.deep.equal([]))

  /** Runs `tsplay vault …`, and gives what the files are afterwards. */
  const run = async (
    words: readonly string[],
    files: Record<string, string> = {},
    prepare?: (folder: string) => void,
  ) => {
    const after: Record<string, string> = {}
    const modes: Record<string, string> = {}
    const owners: Record<string, number> = {}
    const look = (folder: string) => {
      for (const name of readdirSync(folder)) {
        after[name] = readFileSync(`${folder}/${name}`, 'utf8')
        modes[name] = (lstatSync(`${folder}/${name}`).mode & 0o777).toString(8)
        if (lstatSync(`${folder}/${name}`).isSymbolicLink()) modes[name] = 'link'
        owners[name] = statSync(`${folder}/${name}`).uid
      }
    }
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-spec-'))
    try {
      writeFiles(folder, { ...passwords, ...files })
      prepare?.(folder)
      const ended = await captured(folder, ['vault', ...words])
      look(folder)
      return { ...ended, after, modes, owners }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const withPassword = ['--vault-password-file', 'pass']

  it('encrypt and decrypt replace files, with their modes', async () => {
    const encrypted = await run(
      ['encrypt', 'a.yml', 'b.yml', ...withPassword],
      { 'a.yml': plain, 'b.yml': 'b' },
      (folder) => chmodSync(`${folder}/a.yml`, 0o640),
    )
    expect({ ...encrypted, after: 0, modes: 0, owners: 0 }).to.deep.equal({
      status: 0,
      stdout: '',
      stderr: '',
      after: 0,
      modes: 0,
      owners: 0,
    })
    expect(vault.open(encrypted.after['a.yml']!)).to.equal(plain)
    expect(vault.open(encrypted.after['b.yml']!)).to.equal('b')
    expect(encrypted.modes['a.yml']).to.equal('640')
    expect(Object.keys(encrypted.after).sort()).to.deep.equal(['a.yml', 'b.yml', 'new-pass', 'pass'])
    const decrypted = await run(['decrypt', 'a.yml', ...withPassword], { 'a.yml': sealed })
    expect(decrypted.after['a.yml']).to.equal(plain)
  })

  it('follow links, which stay links', async () => {
    const { after, modes } = await run(['encrypt', 'link.yml', ...withPassword], { 'a.yml': plain }, (folder) =>
      symlinkSync('a.yml', `${folder}/link.yml`),
    )
    expect(vault.open(after['a.yml']!)).to.equal(plain)
    expect(modes['link.yml']).to.equal('link')
  })

  it('write nothing when one of several files cannot be done', async () => {
    const { status, stderr, after } = await run(['decrypt', 'a.yml', 'b.yml', ...withPassword], {
      'a.yml': sealed,
      'b.yml': 'open\n',
    })
    expect({ status, a: after['a.yml'], b: after['b.yml'] }).to.deep.equal({ status: 1, a: sealed, b: 'open\n' })
    expect(stderr).to.contain('b.yml is not sealed.').and.contain('begins with $ANSIBLE_VAULT')
  })

  it('write elsewhere with --output, readable by the owner only', async () => {
    const { after, modes } = await run(['decrypt', 'a.yml', '--output', 'open.yml', ...withPassword], {
      'a.yml': sealed,
    })
    expect({ a: after['a.yml'], open: after['open.yml'], mode: modes['open.yml'] }).to.deep.equal({
      a: sealed,
      open: plain,
      mode: '600',
    })
    const shown = await run(['decrypt', 'a.yml', '--output', '-', ...withPassword], { 'a.yml': sealed })
    expect({ stdout: shown.stdout, a: shown.after['a.yml'] }).to.deep.equal({ stdout: plain, a: sealed })
  })

  it('view shows what is in files', async () => {
    const { status, stdout, after } = await run(['view', 'a.yml', 'b.yml', ...withPassword], {
      'a.yml': sealed,
      'b.yml': sealed,
    })
    expect({ status, stdout, a: after['a.yml'] }).to.deep.equal({ status: 0, stdout: plain + plain, a: sealed })
  })

  it('say which password is wrong, and where', async () => {
    const { status, stderr } = await run(['view', 'a.yml', '--vault-id', 'dev@new-pass'], { 'a.yml': sealed })
    expect(status).to.equal(1)
    expect(stderr).to.match(/The vault password "dev" does not open this sealed text\.\n --> a\.yml:1:1\n/)
    expect(stderr).to.not.contain('brand new')
  })

  it('refuse to seal twice', async () => {
    const { status, stderr, after } = await run(['encrypt', 'a.yml', ...withPassword], { 'a.yml': sealed })
    expect({ status, a: after['a.yml'] }).to.deep.equal({ status: 5, a: sealed })
    expect(stderr).to.contain('a.yml is sealed already.')
  })

  it('seal with the label that is asked for; of several passwords one must be named', async () => {
    const ids = ['--vault-id', 'dev@pass', '--vault-id', 'prod@new-pass']
    const { after } = await run(['encrypt', 'a.yml', ...ids, '--encrypt-vault-id', 'prod'], { 'a.yml': plain })
    expect(after['a.yml']).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
    expect(new Vault([{ label: 'x', password: 'brand new' }]).open(after['a.yml']!)).to.equal(plain)
    const unclear = await run(['encrypt', 'a.yml', ...ids], { 'a.yml': plain })
    expect({ status: unclear.status, a: unclear.after['a.yml'] }).to.deep.equal({ status: 5, a: plain })
    expect(unclear.stderr).to.contain('There are several vault passwords: dev, prod.').and.contain('--encrypt-vault-id')
  })

  it('rekey seals anew and keeps labels', async () => {
    const labelled = await new Vault([{ label: 'dev', password: 'pass word' }]).seal(plain)
    const { status, after } = await run(
      ['rekey', 'a.yml', 'b.yml', ...withPassword, '--new-vault-password-file', 'new-pass'],
      { 'a.yml': sealed, 'b.yml': labelled },
    )
    expect(status).to.equal(0)
    const fresh = new Vault([{ label: 'x', password: 'brand new' }])
    expect([fresh.open(after['a.yml']!), fresh.open(after['b.yml']!)]).to.deep.equal([plain, plain])
    expect(after['b.yml']).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/)
    const named = await run(['rekey', 'a.yml', ...withPassword, '--new-vault-id', 'prod@new-pass'], { 'a.yml': sealed })
    expect(named.after['a.yml']).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  })

  for (const name of ['encrypt-string', 'encrypt_string']) {
    it(`${name} gives values for YAML files`, async () => {
      const { stdout } = await run([name, 'one', 'two', '--name', 'a', '--name', 'b', ...withPassword])
      const read = parse(stdout, { customTags: [{ tag: '!vault', resolve: (text: string) => vault.open(text) }] })
      expect(read).to.deep.equal({ a: 'one', b: 'two' })
      const bare = await run([name, 'one', ...withPassword])
      expect(bare.stdout).to.match(/^!vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n( {10}[0-9a-f]{1,80}\n)+$/)
    })
  }

  it('ask for passwords, new ones twice, and show none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-spec-'))
    const ask = (input: string, ...words: string[]) => {
      const node = ['--conditions=tsplay-source', '--import', 'tsx', join(root, 'engine/cli/main.ts')]
      return spawnSync(process.execPath, [...node, 'vault', ...words], {
        cwd: root,
        encoding: 'utf8',
        input,
        env: { ...process.env, NO_COLOR: '1' },
      })
    }
    try {
      const file = join(folder, 'a.yml')
      writeFileSync(file, plain)
      const differ = ask('sea bass\nsea bess\n', 'encrypt', file)
      expect({ status: differ.status, text: readFileSync(file, 'utf8') }).to.deep.equal({ status: 5, text: plain })
      expect(differ.stderr).to.contain('The two passwords differ.').and.not.match(/sea b/)
      const encrypted = ask('pass word\npass word\n', 'encrypt', file)
      expect(encrypted.status, encrypted.stderr).to.equal(0)
      expect(encrypted.stderr)
        .to.contain('New vault password: \nConfirm new vault password: ')
        .and.not.contain('pass word')
      const viewed = ask('pass word\n', 'view', '--vault-id', 'dev@prompt', file)
      expect(viewed.stderr).to.equal('Vault password (dev): \n')
      expect(viewed.stdout).to.equal(plain)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  describe('with an editor', () => {
    const before = { ...process.env }
    afterEach(() => {
      for (const name of ['EDITOR', 'VISUAL']) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    })
    const editor = (folder: string, text: string) => {
      writeFileSync(`${folder}/editor.sh`, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
      delete process.env['VISUAL']
      process.env['EDITOR'] = `${folder}/editor.sh`
    }

    it('edit keeps the file readable for nobody else meanwhile, and seals it again', async () => {
      const { status, stderr, after, modes } = await run(
        ['edit', 'a.yml', ...withPassword],
        { 'a.yml': sealed },
        (folder) => {
          chmodSync(`${folder}/a.yml`, 0o644)
          editor(
            folder,
            `stat -c '%a %n' "$1" "$(dirname "$1")" > ${folder}/seen; cat "$1" >> ${folder}/seen; echo more: 1 >> "$1"`,
          )
        },
      )
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
      expect(after['seen']).to.match(/^600 \S+\/a\.yml\n700 \S+\napi_token: 0123456789\n$/)
      expect(vault.open(after['a.yml']!)).to.equal(`${plain}more: 1\n`)
      expect(modes['a.yml']).to.equal('644')
    })

    it('edit that changes nothing leaves the file alone', async () => {
      const { status, after } = await run(['edit', 'a.yml', ...withPassword], { 'a.yml': sealed }, (folder) =>
        editor(folder, 'true'),
      )
      expect({ status, a: after['a.yml'] }).to.deep.equal({ status: 0, a: sealed })
    })

    it('an editor that fails changes nothing', async () => {
      const { status, stderr, after } = await run(['edit', 'a.yml', ...withPassword], { 'a.yml': sealed }, (folder) =>
        editor(folder, 'echo broken > "$1"; exit 3'),
      )
      expect({ status, a: after['a.yml'] }).to.deep.equal({ status: 5, a: sealed })
      expect(stderr).to.contain('ended with status 3')
    })

    it('create writes a new file for its owner only; one that is there stays', async () => {
      const { status, after, modes } = await run(['create', 'new.yml', ...withPassword], {}, (folder) =>
        editor(folder, 'printf "%s\\n" "api_token: 0123456789" > "$1"'),
      )
      expect({ status, text: vault.open(after['new.yml']!), mode: modes['new.yml'] }).to.deep.equal({
        status: 0,
        text: plain,
        mode: '600',
      })
      const there = await run(['create', 'a.yml', ...withPassword], { 'a.yml': 'here\n' }, (folder) =>
        editor(folder, 'true'),
      )
      expect({ status: there.status, a: there.after['a.yml'] }).to.deep.equal({ status: 5, a: 'here\n' })
      expect(there.stderr).to.contain('a.yml is already there.')
    })
  })

  it('keep the owner of what they replace', async () => {
    // Only root can give files away.
    const owner = process.getuid?.() === 0 ? 65534 : process.getuid!()
    const { owners } = await run(['encrypt', 'a.yml', ...withPassword], { 'a.yml': plain }, (folder) =>
      chownSync(`${folder}/a.yml`, owner, process.getgid!()),
    )
    expect(owners['a.yml']).to.equal(owner)
  })
})
