import { Command, CommanderError } from 'commander'
import { codes } from '../base/codes.ts'
import { tsplayVersion } from '../base/package.ts'
import { asProblems } from '../base/problem.ts'
import type { ApplyWords } from './apply.ts'
import { addRunOptions, collect, commas, count, type RunWords } from './run-words.ts'
import type { ShowWords } from './show.ts'
import { addVaultCommand } from './vault-command.ts'
import { addVaultOptions } from './vault-words.ts'

/** Reads the words of the command line, does what they say, gives the exit status. Nothing else ends the process. */
export async function main(words: readonly string[]): Promise<number> {
  let exit = 0
  const program = new Command('tsplay')
  program
    .description('Plays playbooks: looks at hosts, shows the difference, makes it so.')
    .version(`tsplay ${tsplayVersion}`, '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ sortSubcommands: false })

  addRunOptions(
    program.command('run').argument('<playbook...>', 'playbooks, run one after the other').description('run playbooks'),
  ).action(async (playbooks: string[], options: RunWords) => {
    const { runPlaybooks } = await import('./run.ts')
    exit = await runPlaybooks(playbooks, options)
  })
  addRunOptions(
    program
      .command('check')
      .argument('<playbook...>')
      .description('dry run: show what would change (run --check --diff)'),
  ).action(async (playbooks: string[], options: RunWords) => {
    const { runPlaybooks } = await import('./run.ts')
    exit = await runPlaybooks(playbooks, { ...options, check: true, diff: true })
  })
  addRunOptions(
    program
      .command('plan')
      .argument('<playbook...>')
      .description('dry run that is kept in a file, to be shown and applied')
      .requiredOption('-o, --out <file>', 'keep the plan here'),
  ).action(async (playbooks: string[], options: RunWords & { out: string }) => {
    const { makePlan } = await import('./plan.ts')
    exit = await makePlan(playbooks, options)
  })
  program
    .command('show')
    .argument('<plan>')
    .description('show a plan, equal hosts together')
    .option('--host <name>', 'only what concerns this host')
    .option('-v, --verbose', 'more (up to -vvv)', count, 0)
    .option('--output <kind>', 'terminal or jsonl', 'terminal')
    .action(async (path: string, options: ShowWords) => {
      const { showPlan } = await import('./show.ts')
      exit = await showPlan(path, options)
    })
  addVaultOptions(program.command('apply'))
    .argument('<plan>')
    .description('do what a plan says; stop where a host is no longer as it was')
    .option('-e, --extra-vars <vars>', 'those the plan was made with, where it could not keep them', collect, [])
    .option('-f, --forks <number>', 'hosts worked on at once')
    .option('-D, --diff', 'show differences')
    .option('--verify', 'look again after every change, and hold modules to their predictions')
    .option('-v, --verbose', 'more (up to -vvv)', count, 0)
    .option('--output <kind>', 'terminal or jsonl', 'terminal')
    .action(async (path: string, options: ApplyWords) => {
      const { applyPlan } = await import('./apply.ts')
      exit = await applyPlan(path, options)
    })
  addVaultOptions(program.command('validate'))
    .argument('<playbook...>')
    .description('check everything that can be checked without a connection')
    .option('-i, --inventory <path>', 'inventory (can be given several times)', collect, [])
    .option('-e, --extra-vars <vars>', 'key=value, JSON, or @file', collect, [])
    .option('-l, --limit <pattern>', 'only these hosts')
    .option('-t, --tags <tags>', 'only tasks with these tags', commas)
    .option('--skip-tags <tags>', 'not the tasks with these tags', commas)
    .option('--strict', 'take warnings for errors')
    .option('-v, --verbose', 'also say what could not be checked', count, 0)
    .action(async (playbooks: string[], options: RunWords & { strict?: boolean }) => {
      const { validate } = await import('./validate.ts')
      exit = await validate(playbooks, options)
    })
  addVaultOptions(program.command('inventory'))
    .description('show what the inventory says')
    .option('-i, --inventory <path>', 'inventory (can be given several times)', collect, [])
    .option('--list', 'all hosts and groups')
    .option('--graph [group]', 'groups as a tree')
    .option('--host <name>', "a host's variables")
    .option('--vars', "every host's variables; with --graph: in the tree")
    .option('--export', 'each group and host with its own variables, to be used as an inventory again')
    .option('-l, --limit <pattern>', 'only these hosts')
    .option('-e, --extra-vars <vars>', 'key=value, JSON, or @file', collect, [])
    .option('--playbook-dir <folder>', 'the group_vars and host_vars there count too')
    .option('--output <kind>', 'json (default) or yaml')
    .option('-y, --yaml', 'the same as --output yaml')
    .action(async (options) => {
      const { showInventory } = await import('./inventory.ts')
      exit = await showInventory(options)
    })
  addVaultOptions(program.command('explain'))
    .argument('<variable>', 'its name, or a part: etcd.port')
    .description('show every place that sets a variable, the winner first')
    .option('--host <name>', 'for this host (default: all, those with the same value together)')
    .option('-p, --playbook <path>', 'in the plays of this playbook (can be given several times)', collect, [])
    .option('--task <name>', 'as this task sees it')
    .option('-i, --inventory <path>', 'inventory (can be given several times)', collect, [])
    .option('-e, --extra-vars <vars>', 'key=value, JSON, or @file', collect, [])
    .option('-l, --limit <pattern>', 'only these hosts')
    .option('--output <kind>', 'text (default) or json')
    .action(async (variable: string, options: RunWords) => {
      const { explainVariable } = await import('./explain.ts')
      exit = await explainVariable(variable, options)
    })
  addRunOptions(
    program
      .command('exec')
      .argument('<pattern>', 'hosts, as in a play')
      .description('run one task')
      .option('-m, --module <name>', 'the module', 'command')
      .option('-a, --args <args>', 'its parameters: words, key=value, or JSON', ''),
  ).action(async (pattern: string, options: RunWords & { module: string; args: string }) => {
    const { execTask } = await import('./exec.ts')
    exit = await execTask(pattern, options)
  })
  program
    .command('doc')
    .argument('[module]')
    .description('list the modules, or show one')
    .option('-v, --verbose', 'more', count, 0)
    .option('--functions', 'the functions of templates and conditions')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: { functions?: boolean; json?: boolean }) => {
      const { showDoc } = await import('./doc.ts')
      exit = await showDoc(name, options)
    })
  addVaultCommand(program, (status) => {
    exit = status
  })
  program
    .command('schema')
    .argument('[kind]', 'playbook, tasks, handlers, inventory, role-meta or vars')
    .description('JSON Schemas for editors, with the modules of this folder')
    .option('-o, --output <folder>', 'write them into this folder, all of them unless one is named')
    .option('--editor', 'print what to put into the settings of the editor')
    .action(async (kind: string | undefined, options: { output?: string; editor?: boolean }) => {
      const { showSchema } = await import('./schema.ts')
      exit = await showSchema(kind, options)
    })
  const init = program.command('init').description('begin something of your own')
  init
    .command('role')
    .argument('<name>')
    .description('a role with all its parts')
    .action(async (name: string) => {
      const { initRole } = await import('./init-role.ts')
      exit = initRole(name)
    })
  init
    .command('module')
    .argument('<name>')
    .description('a module of your own, with its specs')
    .option('--role <role>', 'in this role, not beside the playbooks')
    .action(async (name: string, options: { role?: string }) => {
      const { initModule } = await import('./init-module.ts')
      exit = initModule(name, options)
    })

  try {
    await program.parseAsync([...words], { from: 'user' })
    return exit
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return failed(thrown)
    // Help that nobody asked for was printed, and nothing more is to say.
    if (thrown.exitCode === 0 || thrown.code === 'commander.help') return thrown.exitCode === 0 ? 0 : 5
    const { wordProblem } = await import('./word-problem.ts')
    return failed(wordProblem(thrown, program, words))
  }
}

/** Says what is wrong, all of it, and gives the exit status of the worst. */
async function failed(thrown: unknown): Promise<number> {
  const { formatProblems } = await import('../report/problem-text.ts')
  const { colourLevel } = await import('../report/palette.ts')
  const problems = asProblems(thrown)
  process.stderr.write(`${formatProblems(problems, { colour: colourLevel(process.stderr, process.env) > 0 })}\n`)
  if (problems.some((problem) => problem.code === 'internal') && process.env['TSPLAY_DEBUG'])
    process.stderr.write(`${String((problems[0]?.cause as Error | undefined)?.stack)}\n`)
  return Math.max(...problems.map((problem) => codes[problem.code].exit))
}
