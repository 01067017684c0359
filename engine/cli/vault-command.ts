import { type Command, Option } from 'commander'
import { addVaultOptions } from './vault-words.ts'

/** `tsplay vault …`: the same words as ansible-vault's. */
export function addVaultCommand(program: Command, ends: (status: number) => void): void {
  const vault = program.command('vault').description('seal and open values and files')
  const command = (name: string, description: string) => addVaultOptions(vault.command(name)).description(description)
  const sealing = (made: Command) => made.option('--encrypt-vault-id <label>', 'seal with this password')
  const output = new Option('--output <path>', 'write here ("-": standard output) instead of into the file')
  const load = () => import('./vault.ts')

  sealing(command('encrypt', 'seal files, or standard input'))
    .argument('[file...]')
    .addOption(output)
    .action(async (files, words) => ends(await (await load()).encryptFiles(files, words)))
  command('decrypt', 'open files, or standard input, for good')
    .argument('[file...]')
    .addOption(output)
    .action(async (files, words) => ends(await (await load()).decryptFiles(files, words)))
  command('view', 'show what is in sealed files')
    .argument('<file...>')
    .action(async (files, words) => ends(await (await load()).viewFiles(files, words)))
  sealing(command('edit', 'open a sealed file in $VISUAL or $EDITOR, and seal it again'))
    .argument('<file>')
    .action(async (file, words) => ends(await (await load()).editFile(file, words)))
  sealing(command('create', 'write a new file in $VISUAL or $EDITOR, and seal it'))
    .argument('<file>')
    .action(async (file, words) => ends(await (await load()).createFile(file, words)))
  sealing(command('rekey', 'seal files anew, with another password'))
    .argument('<file...>')
    .option('--new-vault-password-file <path>', 'a file with the new password, or a program that prints it')
    .option('--new-vault-id <label@source>', 'the new password by name')
    .action(async (files, words) => ends(await (await load()).rekeyFiles(files, words)))
  sealing(command('encrypt-string', 'seal a text, as a value for a YAML file'))
    .alias('encrypt_string')
    .argument('[text...]', 'the text; better leave it out: it is asked for, or read from standard input')
    .option(
      '-n, --name <name>',
      'the variable it is for (for each text one)',
      (name: string, all: string[]) => [...all, name],
      [],
    )
    .option('--stdin-name <name>', 'the variable that the text of standard input is for')
    .option('-p, --prompt', 'ask for the text')
    .option('--show-input', 'show the text while it is typed')
    .action(async (texts, words) => ends(await (await load()).encryptStrings(texts, words)))
}
