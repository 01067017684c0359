/** Who must act on a problem; it decides the exit status and the tone of the text. */
export type Audience = 'author' | 'operator' | 'module' | 'tsplay'

export interface Code {
  readonly audience: Audience
  /** Exit status when this is what ends the run (language.md). */
  readonly exit: 1 | 2 | 4 | 5 | 99 | 250
  readonly meaning: string
  /** It stops no run: `validate` shows it, and `validate --strict` takes it for an error. `run`: a run shows it too. */
  readonly warning?: 'validate' | 'run'
}

/** The one table of codes. `docs/errors.md` and the specs are checked against it, both ways. */
export const codes = {
  'yaml-syntax': { audience: 'author', exit: 1, meaning: 'The file is not well-formed YAML.' },
  'yaml-trap': {
    audience: 'author',
    exit: 1,
    meaning: 'YAML reads this otherwise than it looks (unquoted braces, a bare octal mode, a key given twice).',
  },
  'file-missing': { audience: 'author', exit: 1, meaning: 'A file that is named does not exist or cannot be read.' },
  shape: { audience: 'author', exit: 1, meaning: 'A value has the wrong type or form for its place.' },
  'unknown-keyword': { audience: 'author', exit: 1, meaning: 'No play, block, task or role has this keyword.' },
  'unknown-module': { audience: 'author', exit: 1, meaning: 'No module has this name.' },
  'unknown-parameter': { audience: 'author', exit: 1, meaning: 'The module has no parameter of this name.' },
  'bad-parameter': {
    audience: 'author',
    exit: 1,
    meaning: 'A parameter is missing, of the wrong type, or not allowed beside another.',
  },
  'unknown-role': { audience: 'author', exit: 1, meaning: 'No role of this name is in the folders searched.' },
  'unknown-handler': { audience: 'author', exit: 1, meaning: 'No handler has or listens to this name.' },
  'unknown-group': { audience: 'author', exit: 1, meaning: 'A host pattern names no host or group of the inventory.' },
  'undefined-variable': { audience: 'author', exit: 1, meaning: 'A variable is used that nothing defines.' },
  'variable-cycle': { audience: 'author', exit: 1, meaning: 'A variable is defined by way of itself.' },
  template: { audience: 'author', exit: 1, meaning: 'A template cannot be read or filled in.' },
  expression: { audience: 'author', exit: 1, meaning: 'An expression cannot be read or evaluated.' },
  inventory: { audience: 'author', exit: 1, meaning: 'The inventory contradicts itself or cannot be read.' },
  'role-params': { audience: 'author', exit: 1, meaning: "A role's variables do not fit its schema." },
  'module-load': {
    audience: 'module',
    exit: 1,
    meaning: 'A module file cannot be loaded, or does not define a module.',
  },
  'module-breach': {
    audience: 'module',
    exit: 2,
    meaning: 'A module did not do what it promised (plan not empty after doing, or a wrong prediction).',
  },
  usage: { audience: 'operator', exit: 5, meaning: 'The words of the command line are wrong.' },
  'host-unreachable': {
    audience: 'operator',
    exit: 4,
    meaning: 'A host cannot be connected to, or the connection was lost.',
  },
  'host-key': { audience: 'operator', exit: 4, meaning: "A host's key is unknown, changed or revoked." },
  'host-auth': { audience: 'operator', exit: 4, meaning: 'A host refused every way to log in.' },
  become: { audience: 'operator', exit: 2, meaning: 'Becoming another user on a host failed.' },
  'task-failed': { audience: 'operator', exit: 2, meaning: 'A task failed on a host.' },
  'step-failed': { audience: 'operator', exit: 2, meaning: 'A step that would change a host failed.' },
  timeout: { audience: 'operator', exit: 2, meaning: 'Something did not end in the time allowed.' },
  download: { audience: 'operator', exit: 2, meaning: 'A download failed or its checksum does not match.' },
  pki: { audience: 'author', exit: 2, meaning: 'A certificate request, signing profile or key cannot be used.' },
  vault: { audience: 'operator', exit: 1, meaning: 'A sealed value cannot be opened.' },
  plan: {
    audience: 'operator',
    exit: 1,
    meaning: 'A saved plan cannot be read, or what it rests on is no longer what it was.',
  },
  interrupted: { audience: 'operator', exit: 99, meaning: 'The run was interrupted.' },
  internal: { audience: 'tsplay', exit: 250, meaning: 'A mistake of tsplay itself. Please report it.' },
  'unused-variable': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A variable of a play, block, task or role is set, and nothing mentions it.',
  },
  'unused-register': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A result is registered, and nothing mentions it.',
  },
  'unused-handler': { audience: 'author', exit: 1, warning: 'validate', meaning: 'Nothing notifies a handler.' },
  'misspelt-name': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A name that nothing mentions is one slip away from one that is used.',
  },
  'no-effect': { audience: 'author', exit: 1, warning: 'validate', meaning: 'A keyword does nothing where it stands.' },
  'constant-condition': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A condition is the same whatever happens.',
  },
  'reserved-name': {
    audience: 'author',
    exit: 1,
    warning: 'run',
    meaning: 'A variable has a name that tsplay sets itself: the value given is never seen.',
  },
  'shadowed-name': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: "A loop's variable hides another of the same name.",
  },
  'same-name': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'Two handlers of one list have the same name: only the last is ever notified by it.',
  },
  'orphan-file': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A file of host_vars or group_vars belongs to no host or group of the inventory.',
  },
  'old-spelling': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A word still works that Ansible has replaced by another.',
  },
  'unknown-tag': {
    audience: 'operator',
    exit: 1,
    warning: 'run',
    meaning: 'A tag of the command line that no task has.',
  },
  'unknown-allowance': {
    audience: 'author',
    exit: 1,
    warning: 'validate',
    meaning: 'A comment allows a code that is no warning.',
  },
} as const satisfies Record<string, Code>

export type CodeName = keyof typeof codes
