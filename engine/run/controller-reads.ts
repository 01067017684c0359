import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Source } from '../base/span.ts'
import { findFile } from '../book/files.ts'
import { foldersFor } from '../lang/functions/reading.ts'
import { filePlace } from '../lang/place-in-text.ts'
import type { Controller, Scope } from '../lang/scope.ts'
import { compileTemplate } from '../lang/template.ts'
import type { Session } from './session.ts'

/** What functions such as `pipe`, `password` and `template` need of a run; `lookingAhead` when a later task is foreseen. */
export function controllerReads(session: Session, lookingAhead: boolean): Controller {
  return {
    ahead: lookingAhead || !session.running,
    check: session.options.check,
    secret: (text) => session.masker.add(text),
    renderFile: (path, scope) => renderFile(session, path, scope),
  }
}

function renderFile(session: Session, path: string, scope: Scope): string {
  const read = (file: string) => new Source(session.reading.files.shown(file), readFileSync(file, 'utf8'))
  const source = read(path)
  return compileTemplate(source.text, filePlace(source), {
    partials: (name) => {
      const found = findFile(`${name}.hbs`, [dirname(path), ...foldersFor(scope, 'templates')])
      return found === undefined ? undefined : read(found)
    },
  }).renderText(scope)
}
