// `npm run demo`: the main job, for real, on hosts of the lab; where there can be no lab, a first playbook on this machine.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, lstatSync } from 'node:fs'
import { execHere } from './exec.ts'
import { missing, up } from './lab.ts'
import { LabProblem } from './problem.ts'
import { proof } from './proof.ts'

const compiled = 'dist/engine/cli/main.js'
const source = ['--conditions=tsplay-source', '--import', 'tsx', 'engine/cli/main.ts']

/** The words that start tsplay: compiled, which is made when it is missing; from source where this user may not make it. */
function tsplay(): string[] | undefined {
  if (!existsSync(compiled)) {
    if (!writable('.')) return [process.execPath, ...source]
    if (spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' }).status !== 0) return undefined
  }
  return [process.execPath, compiled]
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The first playbook, on this machine. Its note gets another name when the usual one is another user's. */
function hello(program: readonly string[]): number {
  const note = '/tmp/tsplay-hello.txt'
  const user = process.getuid?.() ?? 0
  const owner = lstatSync(note, { throwIfNoEntry: false })?.uid ?? user
  const more = owner === user || user === 0 ? [] : ['-e', `hello_file=/tmp/tsplay-hello-${user}.txt`]
  const [command = '', ...words] = [...program, 'run', 'playbooks/hello.yml', '-i', 'inventory/example.yml', ...more]
  const ended = spawnSync(command, words, { stdio: 'inherit' })
  if (ended.error) throw ended.error
  return ended.status ?? 1
}

async function main(): Promise<number> {
  const program = tsplay()
  if (program === undefined) return 1
  const lacking = missing()
  if (lacking.length > 0) {
    process.stdout.write(
      `This machine cannot host the lab: it lacks ${lacking.join('; ')}. Running playbooks/hello.yml on it instead.\n`,
    )
    return hello(program)
  }
  const started = Date.now()
  const say = (line: string) => process.stdout.write(`[lab] ${line}\n`)
  say('starting hosts; the first time, their system and the release tarballs are made (about ten minutes)')
  await up([], { note: say })
  say(`seven hosts are up after ${Math.round((Date.now() - started) / 1000)} s`)
  const words = ['run', 'playbooks/ha-cluster.yml', '-i', 'inventory/prod.yml', '-e', '@spec/lab/vars.yml']
  process.stdout.write(`\n$ tsplay ${words.join(' ')}\n`)
  const status = await execHere([...program, ...words])
  if (status !== 0) {
    process.stdout.write(
      `\nThe playbook ended with status ${status}; the lab is left up to look at: npm run lab -- ssh k8s-master-1\n`,
    )
    return status
  }
  process.stdout.write('\nPROOF\n')
  const evidence = await proof()
  for (const { what, text, holds } of evidence) {
    const lines = text.split('\n')
    process.stdout.write(
      `${holds ? '✓' : '✗'} ${what}: ${lines.length === 1 ? text : `\n${lines.map((line) => `    ${line}`).join('\n')}`}\n`,
    )
  }
  process.stdout.write(`
The lab is left up.
  look around   npm run lab -- ssh k8s-master-1
                npm run lab -- ssh k8s-master-1 kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz?verbose
  run it again  npm run demo          (nothing changes)
  what changed  npm run lab -- changes k8s-master-1
  stop it       npm run lab -- down
`)
  return evidence.every((one) => one.holds) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (thrown) {
  if (!(thrown instanceof LabProblem)) throw thrown
  process.stderr.write(`${thrown.message}\n`)
  process.exitCode = 1
}
