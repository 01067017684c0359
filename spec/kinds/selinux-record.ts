import { fileURLToPath } from 'node:url'

/**
 * What a machine with SELinux says to commands, each after a line `$ command`. The live spec asks it anew and compares
 * (SELINUX_RECORD=1 writes it), and the tools of the light host with SELinux answer from it.
 */
export const recordFile = fileURLToPath(new URL('./selinux-record.txt', import.meta.url))

export function commandsOf(record: string): { commands: readonly string[]; script: string } {
  const commands = [...record.matchAll(/^\$ (.*)$/gm)].map((match) => match[1]!)
  // A file of the kernel ends without a newline: the answer to each is whole lines.
  const script = commands.map((command) => `echo '$ ${command}'; said=$(${command} 2>&1); echo "$said"`).join('\n')
  return { commands, script }
}
