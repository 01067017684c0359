import type { Command, CommanderError } from 'commander'
import { Problem } from '../base/problem.ts'
import { didYouMean } from '../base/suggest.ts'

/** What commander holds against the words of the command line, told as every other problem is. */
export function wordProblem(error: CommanderError, program: Command, words: readonly string[]): Problem {
  const command = program.commands.find((one) => one.name() === words[0])
  const named = command ?? program
  const help = `See "${['tsplay', ...(command ? [command.name()] : [])].join(' ')} --help".`
  const [word = ''] = /(?<=')[^']*(?=')/.exec(error.message) ?? []
  const tell = (message: string, hint?: string) => new Problem('usage', message, { hint: hint ?? help })
  switch (error.code) {
    case 'commander.unknownCommand':
      return tell(
        `There is no command "${word}".`,
        didYouMean(
          word,
          program.commands.map((one) => one.name()),
        ),
      )
    case 'commander.unknownOption':
      return tell(
        `"tsplay ${named.name()}" has no option "${word}".`,
        didYouMean(
          word,
          named.options.flatMap((option) => [option.long ?? '', option.short ?? '']).filter((name) => name !== ''),
        ),
      )
    case 'commander.missingArgument':
      return tell(`"tsplay ${named.name()}" needs a ${word}.`)
    case 'commander.optionMissingArgument':
      return tell(`The option ${word.split(' <', 1)[0]!.split(', ').at(-1)} needs a value.`)
    case 'commander.excessArguments':
      return tell(`"tsplay ${named.name()}" was given more words than it takes.`)
    default:
      return tell(error.message.replace(/^error: /, ''))
  }
}
