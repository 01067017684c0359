// npm run lab -- COMMAND: the lab on the command line.
import { execHere, sshWords } from './exec.ts'
import { hostOf } from './hosts.ts'
import { changes, down, fresh, knownHosts, powerOff, status, up } from './lab.ts'
import { LabProblem } from './problem.ts'
import { statusTable } from './status.ts'
import { upWords } from './up-words.ts'

const usage = `npm run lab -- COMMAND
  up [HOST…]              start the hosts (all of the inventory's, or those named; extra-1=192.168.1.101 makes one more)
    --vm, --vm=HOST       k8s-node-1, or HOST, as a virtual machine with a kernel of its own
    --selinux             the same with SELinux, enforcing; --selinux=HOST
    --release RELEASE     hosts of another Debian release than bookworm: trixie
    --no-downloads        without the package source and the release tarballs
  down [HOST…]            throw the hosts away (all, and the network); --force: another checkout's too
  fresh HOST…             make a host anew, blank
  off HOST…               cut its power; \`up HOST\` switches it on again, with its files
  status                  what is up, since when
  changes HOST [--marks]  files the host changed since it was made (--marks: logins and the like too)
  exec CMD…               run a command inside the lab's network
  ssh HOST [CMD…]         log in to a host, as root (or USER@HOST)
`

async function main([name, ...words]: string[]): Promise<number> {
  const note = (text: string) => process.stderr.write(`lab: ${text}\n`)
  switch (name) {
    case 'up': {
      const { names, options } = upWords(words)
      const hosts = await up(names, { ...options, note })
      note(`up: ${hosts.map((host) => host.name).join(', ')}`)
      return 0
    }
    case 'down':
      await down(
        words.filter((word) => word !== '--force'),
        { note, force: words.includes('--force') },
      )
      return 0
    case 'fresh':
      await Promise.all(words.map((word) => fresh(word, { note })))
      return 0
    case 'off':
      for (const word of words) await powerOff(word)
      return 0
    case 'status':
      process.stdout.write(statusTable(await status()))
      return 0
    case 'changes': {
      const all = words.includes('--marks')
      const host = hostOf(words.find((word) => word !== '--marks') ?? '', await knownHosts())
      for (const change of await changes(host.name, { marks: all })) {
        process.stdout.write(`${change.kind.padEnd(7)} ${change.type.padEnd(6)} ${change.path}\n`)
      }
      return 0
    }
    case 'exec': {
      const command = words[0] === '--' ? words.slice(1) : words
      if (command.length > 0) return execHere(command)
      throw new LabProblem('no command to run', '`exec` has no words after it', 'npm run lab -- exec CMD…')
    }
    case 'ssh': {
      const [word = '', ...rest] = words
      const [user, plain] = word.includes('@') ? word.split('@') : ['root', word]
      return execHere(sshWords(hostOf(plain ?? '', await knownHosts()).name, rest, user))
    }
    default:
      process.stderr.write(usage)
      return name === 'help' || name === '--help' ? 0 : 5
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(
    `lab: ${error instanceof LabProblem ? error.message : String((error as Error)?.stack ?? error)}\n`,
  )
  process.exitCode = 1
}
