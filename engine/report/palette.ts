import { Chalk, type ColorSupportLevel } from 'chalk'
import type { Status } from '../base/result.ts'

type Paint = (text: string) => string

export interface Palette {
  readonly error: Paint
  readonly code: Paint
  readonly gutter: Paint
  readonly help: Paint
  readonly added: Paint
  readonly removed: Paint
  /** What differs within a line that came, and one that went. */
  readonly addedPart: Paint
  readonly removedPart: Paint
  readonly hunk: Paint
  readonly strong: Paint
  readonly faint: Paint
  readonly warning: Paint
  readonly status: Readonly<Record<Status, Paint>>
}

export function palette(level: ColorSupportLevel | boolean): Palette {
  const chalk = new Chalk({ level: level === true ? 1 : level === false ? 0 : level })
  return {
    error: chalk.bold.red,
    code: chalk.bold.red,
    gutter: chalk.blue,
    help: chalk.cyan,
    added: chalk.green,
    removed: chalk.red,
    addedPart: chalk.green.inverse,
    removedPart: chalk.red.inverse,
    hunk: chalk.cyan,
    strong: chalk.bold,
    faint: chalk.dim,
    warning: chalk.magenta,
    status: {
      ok: chalk.green,
      changed: chalk.yellow,
      may_change: chalk.yellow,
      skipped: chalk.cyan,
      failed: chalk.red,
      unreachable: chalk.bold.red,
      ignored: chalk.magenta,
    },
  }
}

/**
 * How many colours to use. FORCE_COLOR (0 to 3, or anything for 1) decides before NO_COLOR; without either, a terminal
 * that is not dumb has colours.
 */
export function colourLevel(
  stream: { isTTY?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): ColorSupportLevel {
  const forced = env.FORCE_COLOR
  if (forced !== undefined) {
    if (forced === 'false') return 0
    const level = Number(forced === '' ? 1 : forced)
    return level === 0 || level === 2 || level === 3 ? level : 1
  }
  if (env.NO_COLOR || env.TERM === 'dumb' || !stream.isTTY) return 0
  if (/^(?:truecolor|24bit)$/.test(env.COLORTERM ?? '')) return 3
  return /-256(?:color)?$/.test(env.TERM ?? '') ? 2 : 1
}
