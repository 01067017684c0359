import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Vault } from '../../engine/vault/vault.ts'
import { fourHosts, tsplay } from './story.ts'

const vault = new Vault([{ label: 'default', password: 'pass word' }])
const other = new Vault([{ label: 'dev', password: 'another' }])

const value = async (name: string, text: string, by = vault) =>
  `${name}: !vault |\n${(await by.seal(text)).trim().replace(/^/gm, '  ')}\n`

describe('a vault in a run', function () {
  this.timeout(30_000)
  let files: Record<string, string> = {}

  before(async () => {
    files = {
      'inventory.yml': fourHosts,
      pass: 'pass word\n',
      'pass-dev': 'another',
      'group_vars/all.yml':
        (await value('sealed_word', 'deep-sea-secret')) +
        (await value('labelled_word', 'labelled-secret', other)) +
        'derived: "<{{sealed_word}}>"\nopen_word: everybody may know\n',
      'group_vars/web.yml': await vault.seal('whole_word: whole-file-secret\nwhole_number: 271828\n'),
      'files/sealed.txt': await vault.seal('a secret line\nanother secret line\n'),
      'templates/sealed.hbs': await vault.seal('secret template of {{sealed_word}}\n'),
      'extra.yml': await vault.seal('extra_word: extra-file-secret\n'),
      'more.yml': await vault.seal('more_word: more-file-secret\n'),
    }
  })

  const play = (tasks: string, words: readonly string[], more: Record<string, string> = {}, keywords = '') =>
    tsplay({ ...files, ...more, 'site.yml': `- hosts: h1,h3\n  gather_facts: false\n${keywords}  tasks:\n${tasks}` }, [
      'run',
      'site.yml',
      '-i',
      'inventory.yml',
      ...words,
    ])
  const withPassword = ['--vault-password-file', 'pass']

  it('opens what is needed, and shows none of it anywhere', async () => {
    const tasks = `
    - debug: {msg: "{{derived}} {{open_word}}"}
    - command: "printf %s '{{sealed_word}}'"
      register: printed
    - debug: {msg: "{{printed.stdout}}, {{extra_word}}"}
    - name: "named {{sealed_word}}"
      debug: {msg: "{{whole_word}} {{whole_number}}"}
      when: inventory_hostname == "h1"
    - include_vars: more.yml
    - assert: {that: ["more_word == 'more-file-secret'", "sealed_word == 'deep-sea-secret'", "whole_number == 271828 || inventory_hostname == 'h3'"]}
    - fail: {msg: "no {{more_word}}"}
`
    for (const output of ['terminal', 'jsonl']) {
      const words = [...withPassword, '-e', '@extra.yml', '-vvv', '--output', output]
      const { status, stdout, stderr } = await play(tasks, words)
      expect(status, stdout + stderr).to.equal(2)
      expect(stderr).to.equal('')
      expect(stdout).to.contain('everybody may know').and.contain('<********>')
      expect(stdout).to.not.match(/deep-sea|whole-file-secret|271828|extra-file|more-file|pass word/)
    }
  })

  it('opens a sealed archive', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-spec-'))
    writeFileSync(join(folder, 'inside'), 'archived-secret\n')
    // Its bytes are ASCII, so that it can be sealed as a text.
    const archive = execFileSync('tar', ['-cf', '-', '-C', folder, 'inside'], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    const tasks = `
    - file: {path: "{{playbook_dir}}/{{inventory_hostname}}", state: directory}
    - unarchive: {src: sealed.tar, dest: "{{playbook_dir}}/{{inventory_hostname}}"}
    - command: cksum {{playbook_dir}}/{{inventory_hostname}}/inside
      register: sum
    - debug: {msg: "{{sum.stdout}}"}
`
    const more = { 'files/sealed.tar': await vault.seal(archive) }
    const { status, stdout } = await play(tasks, [...withPassword, '--diff', '-v'], more)
    expect(status, stdout).to.equal(0)
    // Of "archived-secret\n".
    expect(stdout).to.contain('1951517782 16')
    const without = await play(tasks, ['--limit', 'h3'], more)
    expect(without.status).to.not.equal(0)
  })

  it('opens sealed sources of copy and template; their lines are not shown', async () => {
    const tasks = `
    - file: {path: "{{playbook_dir}}/out", state: directory}
    - copy: {src: sealed.txt, dest: "{{playbook_dir}}/out/copied-{{inventory_hostname}}"}
    - copy: {src: sealed.txt, dest: "{{playbook_dir}}/out/as-it-is", decrypt: false}
      run_once: true
    - template: {src: sealed.hbs, dest: "{{playbook_dir}}/out/made-{{inventory_hostname}}"}
    - shell: cd {{playbook_dir}}/out && cksum < copied-{{inventory_hostname}} && cksum < made-{{inventory_hostname}} && head -c 14 as-it-is
      register: sums
    - debug: {msg: "{{sums.stdout_lines}}"}
`
    const { status, stdout } = await play(tasks, [...withPassword, '--diff', '-v'])
    expect(status, stdout).to.equal(0)
    expect(stdout).to.not.match(/secret line|secret template|deep-sea/)
    // Of "a secret line\nanother secret line\n", of "secret template of deep-sea-secret\n".
    expect(stdout).to.contain('2176152935 34').and.contain('322881840 35').and.contain('$ANSIBLE_VAULT')
  })

  it('needs no password where nothing sealed is needed', async () => {
    const { status, stdout, stderr } = await play('\n    - debug: {msg: "{{open_word}}"}\n', ['--limit', 'h3'])
    expect({ status, stderr }, stdout).to.deep.equal({ status: 0, stderr: '' })
    expect(stdout).to.contain('everybody may know')
  })

  it('says once where a password is missing, before any host', async () => {
    const one = await play('\n    - debug: {msg: "{{derived}}"}\n    - debug: {msg: "again {{sealed_word}}"}\n', [
      '--limit',
      'h3',
    ])
    expect(one.status).to.equal(1)
    expect(one.stdout).to.equal('')
    expect(one.stderr).to.match(
      /^error\[vault\]: This is sealed, and no vault password was given\.\n --> group_vars\/all\.yml:1:21\n/,
    )
    expect(one.stderr).to.contain('--vault-password-file FILE, --vault-id LABEL@FILE, or --ask-vault-pass')
    expect(one.stderr).to.match(/\n1 problem\n$/)
    const two = await play(
      '\n    - debug: {msg: "{{sealed_word}} {{labelled_word}}"}\n    - debug: {msg: "{{labelled_word}}"}\n',
      ['--limit', 'h3'],
    )
    expect(two.stderr).to.match(/^error\[vault\]: 2 sealed values are needed, and no vault password was given\./)
    expect(two.stderr.match(/-->/g)).to.have.lengthOf(2)
    expect(two.stderr).to.match(/\n1 problem\n$/)
  })

  it('says which sealed files need one', async () => {
    const web = await play('\n    - debug: {msg: hello}\n', [])
    expect(web.status).to.equal(1)
    expect(web.stderr).to.match(/This is sealed, and no vault password was given\.\n --> group_vars\/web\.yml:1:1\n/)
    const source = await play('\n    - copy: {src: sealed.txt, dest: /tmp/never}\n', ['--limit', 'h3'])
    expect(source.status).to.equal(1)
    expect(source.stderr).to.match(/ --> files\/sealed\.txt:1:1\n/)
    const extra = await play('\n    - debug: {msg: hello}\n', ['-e', '@extra.yml'])
    expect(extra.status).to.equal(1)
    expect(extra.stderr).to.match(/ --> extra\.yml:1:1\n/)
  })

  it('says which password does not fit, and where', async () => {
    const { status, stderr } = await play('\n    - debug: {msg: "{{labelled_word}}"}\n', [
      ...withPassword,
      '--limit',
      'h3',
    ])
    expect(status).to.equal(1)
    expect(stderr).to.match(/The vault password "default" does not open this sealed text \(its label is "dev"\)\./)
    expect(stderr).to.match(/ --> group_vars\/all\.yml:\d+:23\n/)
  })

  it('says what is damaged, and where', async () => {
    const text = (await vault.seal('x')).trim().replace('AES256', 'AES256\nxyz').replace(/^/gm, '  ')
    const { status, stderr } = await play('\n    - debug: {msg: "{{broken}}"}\n', [...withPassword, '--limit', 'h3'], {
      'host_vars/h3.yml': `broken: !vault |\n${text}\n`,
    })
    expect(status).to.equal(1)
    expect(stderr).to.match(/This sealed text is damaged: its body has a "x", which is no hexadecimal digit\./)
    expect(stderr).to.match(/ --> host_vars\/h3\.yml:1:16\n/)
  })

  it('does not draw lines of a sealed file when something in it is wrong', async () => {
    const { status, stderr } = await play('\n    - debug: {msg: "{{a}}"}\n', [...withPassword, '--limit', 'h3'], {
      'host_vars/h3.yml': await vault.seal('a: "{{nowhere}} swordfish"\n'),
    })
    expect(status).to.equal(1)
    expect(stderr).to.contain('host_vars/h3.yml:1:').and.not.contain('swordfish')
    const syntax = await play('\n    - debug: {msg: "{{a}}"}\n', [...withPassword, '--limit', 'h3'], {
      'host_vars/h4.yml': await vault.seal('b: [unclosed swordfish\n'),
    })
    expect(syntax.status).to.equal(1)
    expect(syntax.stderr).to.contain('host_vars/h4.yml:1:').and.not.contain('swordfish')
  })

  it('does not tell an opened value in a problem of the preflight', async () => {
    const { status, stderr } = await play('\n    - pause: {seconds: "{{sealed_word}}"}\n', [
      ...withPassword,
      '--limit',
      'h3',
    ])
    expect(status).to.equal(1)
    expect(stderr).to.contain('seconds').and.not.contain('deep-sea')
  })

  it('takes passwords from several places, and opens each text with the one that fits', async () => {
    const tasks = '\n    - assert: {that: ["sealed_word + labelled_word == \'deep-sea-secretlabelled-secret\'"]}\n'
    for (const words of [
      ['--vault-id', 'dev@pass-dev', '--vault-id', 'pass'],
      ['--vault-password-file', 'pass', '--vault-pass-file', 'pass-dev'],
    ]) {
      const { status, stdout, stderr } = await play(tasks, [...words, '--limit', 'h3'])
      expect(status, stdout + stderr).to.equal(0)
    }
  })

  it('takes a password file from the environment', async () => {
    const tasks = '\n    - assert: {that: ["sealed_word == \'deep-sea-secret\'"]}\n'
    for (const name of ['TSPLAY_VAULT_PASSWORD_FILE', 'ANSIBLE_VAULT_PASSWORD_FILE']) {
      process.env[name] = 'pass'
      try {
        expect((await play(tasks, ['--limit', 'h3'])).status, name).to.equal(0)
      } finally {
        delete process.env[name]
      }
    }
  })

  it('says what is wrong with where a password should come from', async () => {
    for (const [words, says] of [
      [['--vault-password-file', 'nowhere'], /The vault password file nowhere cannot be read/],
      [['--vault-id', 'dev@empty'], /The vault password from empty is empty/],
      [['--vault-password-file', '/bin/false'], /The vault password program \/bin\/false failed/],
    ] as const) {
      const { status, stderr } = await play('\n    - debug: {msg: x}\n', words, { empty: '\n' })
      expect({ status, says: says.test(stderr) }, stderr).to.deep.equal({ status: 5, says: true })
    }
  })

  it('opens values wherever a playbook computes one', async () => {
    const keywords = `  vars:\n${(await value('play_word', 'play-secret')).replace(/^/gm, '    ').trimEnd()}\n  environment:\n${(await value('WORD', 'environment-secret')).replace(/^/gm, '    ').trimEnd()}\n`
    const tasks = `
    - shell: test "$WORD" = environment-secret && test "$OTHER" = task-secret && echo "$WORD"
      environment:
${(await value('OTHER', 'task-secret')).replace(/^/gm, '        ')}
    - assert: {that: ["play_word == 'play-secret'"]}
    - assert: {that: ["item == 'item-secret'"]}
      loop:
        - !vault |
${(await vault.seal('item-secret')).trim().replace(/^/gm, '          ')}
`
    const { status, stdout, stderr } = await play(tasks, [...withPassword, '--limit', 'h3', '-v'], {}, keywords)
    expect(status, stdout + stderr).to.equal(0)
    expect(stdout).to.not.match(/environment-secret"|play-secret|item-secret/)
  })
})
