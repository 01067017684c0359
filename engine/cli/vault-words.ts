import type { Command } from 'commander'
import { passwordSource, readPassword } from '../vault/password-source.ts'
import { Vault } from '../vault/vault.ts'
import { ask } from './ask.ts'
import { collect } from './run-words.ts'

/** The options that say where vault passwords come from, as commander gives them. */
export interface VaultWords {
  readonly vaultId?: readonly string[]
  readonly vaultPasswordFile?: readonly string[]
  readonly vaultPassFile?: readonly string[]
  readonly askVaultPass?: boolean
  readonly askVaultPassword?: boolean
}

export function addVaultOptions(command: Command): Command {
  const hidden = (flags: string) => command.createOption(flags).hideHelp()
  return command
    .option('-J, --ask-vault-pass', 'ask for the vault password')
    .option('--vault-password-file <path>', 'a file with the vault password, or a program that prints it', collect, [])
    .option('--vault-id <label@source>', 'a vault password by name: a file, a program, or "prompt"', collect, [])
    .addOption(hidden('--ask-vault-password'))
    .addOption(hidden('--vault-pass-file <path>').argParser(collect).default([]))
}

/**
 * The vault passwords that the words and TSPLAY_VAULT_PASSWORD_FILE (or ANSIBLE_VAULT_PASSWORD_FILE) name, in Ansible's
 * order. `askAnyway`: where none is named, one is asked for.
 */
export async function readVault(
  words: VaultWords,
  options: { readonly askAnyway?: boolean; readonly fresh?: boolean } = {},
): Promise<Vault> {
  const sources = [
    ...list(process.env['TSPLAY_VAULT_IDENTITY_LIST'] ?? process.env['ANSIBLE_VAULT_IDENTITY_LIST']),
    ...(words.vaultId ?? []),
  ].map(passwordSource)
  const file = process.env['TSPLAY_VAULT_PASSWORD_FILE'] ?? process.env['ANSIBLE_VAULT_PASSWORD_FILE']
  for (const from of [...(words.vaultPasswordFile ?? []), ...(words.vaultPassFile ?? []), ...(file ? [file] : [])])
    sources.push({ label: 'default', from })
  if (words.askVaultPass || words.askVaultPassword || (options.askAnyway && sources.length === 0))
    sources.push({ label: 'default', from: 'prompt' })
  const passwords = []
  for (const source of sources)
    passwords.push(await readPassword(source, { cwd: process.cwd(), ask, fresh: options.fresh ?? false }))
  return new Vault(passwords)
}

const list = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
