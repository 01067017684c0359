import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import { passwordSource, readPassword } from '../vault/password-source.ts'
import { isSealed, readSealedText } from '../vault/sealed-text.ts'
import { Vault } from '../vault/vault.ts'
import { ask } from './ask.ts'
import { edited } from './edited.ts'
import { putFile, replaceFile, writeNewFile } from './replaced-file.ts'
import { readVault, type VaultWords } from './vault-words.ts'

interface SealWords extends VaultWords {
  readonly encryptVaultId?: string
}

interface FileWords extends SealWords {
  readonly output?: string
}

/** `tsplay vault encrypt`. */
export async function encryptFiles(files: readonly string[], words: FileWords): Promise<number> {
  return eachFile(files, words, await vaultFor(words, true), async (vault, bytes, name) => {
    if (isSealed(bytes))
      throw new Problem('usage', `${name} is sealed already.`, { hint: 'To change its password: tsplay vault rekey.' })
    return Buffer.from(await vault.seal(bytes, words.encryptVaultId))
  })
}

/** `tsplay vault decrypt`. */
export async function decryptFiles(files: readonly string[], words: FileWords): Promise<number> {
  return eachFile(files, words, await vaultFor(words), async (vault, bytes, name) => opened(vault, bytes, name))
}

/** `tsplay vault view`. */
export async function viewFiles(files: readonly string[], words: VaultWords): Promise<number> {
  const vault = await vaultFor(words)
  const all = await Promise.all(files.map((file) => opened(vault, read(file), file)))
  for (const bytes of all) process.stdout.write(bytes)
  return 0
}

/** `tsplay vault edit`: the label stays, unless another is asked for. */
export async function editFile(file: string, words: SealWords): Promise<number> {
  const vault = await vaultFor(words)
  const sealed = read(file)
  const before = await opened(vault, sealed, file)
  const after = await edited(before, file)
  if (after.equals(before) && words.encryptVaultId === undefined) return 0
  replaceFile(file, Buffer.from(await resealed(vault, after, sealed, words)))
  return 0
}

/** `tsplay vault create`. */
export async function createFile(file: string, words: SealWords): Promise<number> {
  if (existsSync(file))
    throw new Problem('usage', `${file} is already there.`, { hint: `To change it: tsplay vault edit ${file}` })
  const vault = await vaultFor(words, true)
  vault.passwordFor(words.encryptVaultId)
  const text = await edited(Buffer.alloc(0), file)
  writeNewFile(file, Buffer.from(await vault.seal(text, words.encryptVaultId)))
  return 0
}

/** `tsplay vault rekey`: every file is opened before the first is written. */
export async function rekeyFiles(
  files: readonly string[],
  words: SealWords & { readonly newVaultPasswordFile?: string; readonly newVaultId?: string },
): Promise<number> {
  const vault = await vaultFor(words)
  const all = await Promise.all(
    files.map(async (file) => {
      const sealed = read(file)
      return { file, label: labelOf(sealed), plain: await opened(vault, sealed, file) }
    }),
  )
  const source = passwordSource(words.newVaultId ?? words.newVaultPasswordFile ?? 'prompt')
  const password = await readPassword(source, { cwd: process.cwd(), ask, fresh: true })
  for (const { file, label, plain } of all) {
    const name = words.encryptVaultId ?? (words.newVaultId === undefined ? (label ?? password.label) : password.label)
    replaceFile(file, Buffer.from(await new Vault([{ ...password, label: name }]).seal(plain)))
  }
  return 0
}

/** `tsplay vault encrypt-string`: texts as values for a YAML file. */
export async function encryptStrings(
  texts: readonly string[],
  words: SealWords & { name: readonly string[]; stdinName?: string; prompt?: boolean; showInput?: boolean },
): Promise<number> {
  const vault = await vaultFor(words, true)
  vault.passwordFor(words.encryptVaultId)
  const given: { name: string | undefined; text: string }[] = []
  const fromStdin =
    texts.includes('-') ||
    words.stdinName !== undefined ||
    (texts.length === 0 && !words.prompt && !process.stdin.isTTY)
  if (fromStdin) given.push({ name: words.stdinName ?? words.name[0], text: (await standardInput()).toString('utf8') })
  for (const [index, text] of texts.filter((one) => one !== '-').entries())
    given.push({ name: words.name[index], text })
  if (words.prompt || given.length === 0) {
    const text = await ask('Text to seal: ', { hidden: !words.showInput })
    given.push({ name: words.name[given.length], text })
  }
  for (const { name, text } of given) {
    if (text === '')
      throw new Problem('usage', 'There is no text to seal.', { hint: 'Type it, or give it on standard input.' })
    const lines = (await vault.seal(text, words.encryptVaultId)).trimEnd().split('\n')
    process.stdout.write(
      `${name === undefined ? '' : `${name}: `}!vault |\n${lines.map((line) => `          ${line}\n`).join('')}`,
    )
  }
  return 0
}

/** The passwords; one is asked for where none is named (twice, where it is new). */
function vaultFor(words: VaultWords, fresh = false): Promise<Vault> {
  return readVault(words, { askAnyway: true, fresh })
}

/** Works on files in place (or into --output), or from standard input to standard output. Nothing is written before all are done. */
async function eachFile(
  files: readonly string[],
  words: FileWords,
  vault: Vault,
  work: (vault: Vault, bytes: Buffer, name: string) => Promise<Buffer>,
): Promise<number> {
  if (words.output !== undefined && files.length > 1)
    throw new Problem('usage', '--output takes one file only.', {
      hint: 'Leave it out to write each file in its place.',
    })
  const names = files.length === 0 ? ['-'] : files
  const done: { name: string; bytes: Buffer }[] = []
  for (const name of names) {
    const bytes = name === '-' ? await standardInput() : read(name)
    done.push({ name, bytes: await work(vault, bytes, name === '-' ? 'standard input' : name) })
  }
  for (const { name, bytes } of done) {
    const target = words.output ?? name
    if (target === '-') process.stdout.write(bytes)
    else putFile(target, bytes)
  }
  return 0
}

async function opened(vault: Vault, bytes: Buffer, name: string): Promise<Buffer> {
  const text = bytes.toString('latin1')
  if (!isSealed(bytes))
    throw new Problem('vault', `${name} is not sealed.`, { hint: 'A sealed file begins with $ANSIBLE_VAULT.' })
  await vault.openAhead([text])
  try {
    return vault.openBytes(text)
  } catch (thrown) {
    const at = { source: new Source(name, text), start: 0, end: text.search(/\r?\n|$/) }
    throw thrown instanceof Problem ? thrown.at(at) : thrown
  }
}

/** Sealed again with the password that opened it. */
function resealed(vault: Vault, plain: Buffer, sealed: Buffer, words: SealWords): Promise<string> {
  if (words.encryptVaultId !== undefined) return vault.seal(plain, words.encryptVaultId)
  const password = vault.passwordThatOpened(sealed.toString('latin1'))
  const label = labelOf(sealed)
  return new Vault([{ password: password.password, label: label ?? 'default' }]).seal(plain)
}

function labelOf(sealed: Buffer): string | undefined {
  return readSealedText(sealed.toString('latin1')).label
}

function read(file: string): Buffer {
  try {
    return readFileSync(resolve(file))
  } catch (cause) {
    throw new Problem('file-missing', `${file} cannot be read.`, {
      cause,
      hint: 'Look at its name and its permissions.',
    })
  }
}

async function standardInput(): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
