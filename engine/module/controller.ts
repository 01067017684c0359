import type { ConnectionFacts } from './connection-facts.ts'

/** A file of the controller, found by the search rules of roles and playbooks. */
export interface LocalFile {
  readonly path: string
  readonly size: number
  /** Hex. */
  readonly sha256: string
  /** Four octal digits. */
  readonly mode: string
  /** It is sealed on the controller: size, digest and content are those of what is in it, which only `content` gives. */
  readonly sealed?: true
  content(): Promise<Buffer>
}

/** What a module may ask of the machine that runs tsplay, for the task at hand. */
export interface Controller {
  readonly checking: boolean
  /** The host the task is for (not the one it is delegated to). */
  readonly host: string
  readonly connection: ConnectionFacts
  readonly playbookDir: string
  /** Missing outside roles. */
  readonly roleDir?: string | undefined
  readonly signal: AbortSignal
  /** Where private keys of authorities stay, 0700; `tsplay_pki_dir` sets it. */
  readonly pkiFolder: string
  /** A file; one that is sealed is opened, unless `decrypt` is false. */
  file(
    name: string,
    kind: 'files' | 'templates' | 'vars' | 'tasks',
    options?: { readonly decrypt?: boolean },
  ): Promise<LocalFile>
  files(
    folder: string,
    kind: 'files' | 'templates' | 'vars',
    options?: { readonly decrypt?: boolean },
  ): Promise<(LocalFile & { relative: string })[]>
  /** Where a file or folder is, its whole path. Throws file-missing. */
  path(name: string, kind: 'files' | 'templates'): Promise<string>
  /** Whether `name` is a folder of the controller. */
  isFolder(name: string, kind: 'files' | 'templates'): Promise<boolean>
  /** Fills in a template with the task's variables; `name` is for error places. Throws TouchedUnknown in dry runs. */
  render(text: string, name: string): string
  /** Evaluates a condition as it stands (a parameter marked `expression`). */
  condition(text: unknown): boolean
  /** A task variable, evaluated; undefined when nothing defines it. */
  variable(name: string): unknown
  /**
   * The variables of a YAML or JSON file, as `sets` takes them: templates, `!expr` and `!vault` are evaluated when they
   * are used. Throws file-missing, yaml-syntax, shape (not a map).
   */
  variables?(path: string): Promise<Record<string, unknown>>
  /** Masks this text from now on. */
  secret(text: string): void
  warn(message: string): void
  sleep(milliseconds: number): Promise<void>
  /** Forgets what connects us to the host, failures too: the next look connects anew. */
  reconnect?(): Promise<void>
  /** Asks the person at the terminal; undefined where there is none. */
  ask?(question: string, options?: { hidden?: boolean }): Promise<string>
}
