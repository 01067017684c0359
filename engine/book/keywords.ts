/** What a keyword's value must look like; templates and `!expr` pass wherever a value may be computed. */
export type Form =
  | 'text'
  | 'boolean'
  | 'number'
  | 'condition'
  | 'names'
  | 'map'
  | 'maps'
  | 'any'
  | 'entries'
  | 'percent'

export type Bearer = 'play' | 'role' | 'block' | 'task' | 'handler' | 'include'

interface Keyword {
  readonly on: readonly Bearer[]
  readonly form: Form
  /** Not a template: must be known when the book is read. */
  readonly fixed?: boolean
  /** The words it may be, where they are known. */
  readonly choices?: readonly string[]
}

const everywhere: readonly Bearer[] = ['play', 'role', 'block', 'task', 'handler', 'include']
const inPlays: readonly Bearer[] = ['role', 'block', 'task', 'handler', 'include']
const tasks: readonly Bearer[] = ['task', 'handler', 'include']

/** Every keyword of the language, once: loader, schema and docs are made from this table. */
export const keywords: Readonly<Record<string, Keyword>> = {
  name: { on: everywhere, form: 'text' },
  tags: { on: everywhere, form: 'names' },
  when: { on: inPlays, form: 'condition' },
  vars: { on: everywhere, form: 'map' },
  become: { on: everywhere, form: 'boolean' },
  become_user: { on: everywhere, form: 'text' },
  become_method: { on: everywhere, form: 'text' },
  become_flags: { on: everywhere, form: 'text' },
  environment: { on: everywhere, form: 'maps' },
  connection: { on: everywhere, form: 'text' },
  port: { on: everywhere, form: 'number' },
  remote_user: { on: everywhere, form: 'text' },
  no_log: { on: everywhere, form: 'boolean' },
  run_once: { on: everywhere, form: 'boolean' },
  ignore_errors: { on: everywhere, form: 'boolean' },
  ignore_unreachable: { on: everywhere, form: 'boolean' },
  check_mode: { on: everywhere, form: 'boolean' },
  diff: { on: everywhere, form: 'boolean' },
  any_errors_fatal: { on: everywhere, form: 'boolean' },
  throttle: { on: everywhere, form: 'number' },
  timeout: { on: everywhere, form: 'number' },
  delegate_to: { on: inPlays, form: 'text' },
  delegate_facts: { on: inPlays, form: 'boolean' },
  notify: { on: inPlays, form: 'names' },
  module_defaults: { on: everywhere, form: 'maps' },

  hosts: { on: ['play'], form: 'names' },
  gather_facts: { on: ['play'], form: 'boolean' },
  gather_subset: { on: ['play'], form: 'names' },
  vars_files: { on: ['play'], form: 'any' },
  vars_prompt: { on: ['play'], form: 'any' },
  roles: { on: ['play'], form: 'any' },
  pre_tasks: { on: ['play'], form: 'entries' },
  tasks: { on: ['play'], form: 'entries' },
  post_tasks: { on: ['play'], form: 'entries' },
  handlers: { on: ['play'], form: 'entries' },
  serial: { on: ['play'], form: 'percent' },
  max_fail_percentage: { on: ['play', 'block'], form: 'number' },
  strategy: { on: ['play'], form: 'text', fixed: true, choices: ['linear', 'free', 'host_pinned'] },
  order: {
    on: ['play'],
    form: 'text',
    choices: ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'],
  },
  force_handlers: { on: ['play'], form: 'boolean' },

  block: { on: ['block'], form: 'entries' },
  rescue: { on: ['block'], form: 'entries' },
  always: { on: ['block'], form: 'entries' },

  action: { on: tasks, form: 'any' },
  local_action: { on: tasks, form: 'any' },
  args: { on: tasks, form: 'map' },
  register: { on: tasks, form: 'text', fixed: true },
  loop: { on: tasks, form: 'any' },
  loop_control: { on: tasks, form: 'map' },
  until: { on: tasks, form: 'condition' },
  retries: { on: tasks, form: 'number' },
  delay: { on: tasks, form: 'number' },
  changed_when: { on: tasks, form: 'condition' },
  failed_when: { on: tasks, form: 'condition' },
  async: { on: tasks, form: 'number' },
  poll: { on: tasks, form: 'number' },
  listen: { on: ['handler', 'block'], form: 'names' },
}

export const loopWords = [
  'with_items',
  'with_list',
  'with_dict',
  'with_fileglob',
  'with_nested',
  'with_subelements',
  'with_sequence',
  'with_first_found',
  'with_indexed_items',
  'with_flattened',
  'with_together',
  'with_random_choice',
] as const

/** What older playbooks and other habits say, and what is said instead. */
const otherWords: Readonly<Record<string, string>> = {
  sudo: 'become: true',
  sudo_user: 'become_user: …',
  su: 'become: true, become_method: su',
  user: 'remote_user: …',
  include: 'import_playbook, import_tasks or include_tasks',
  always_run: 'check_mode: false',
  accelerate: 'nothing: it needs no word here',
  with_lookup: 'loop',
  unless: 'when: !(…), quoted',
  only_if: 'when: …',
  first_available_file: 'with_first_found',
  become_pass: 'ansible_become_password, a variable',
  ignore_error: 'ignore_errors: true',
}

export function otherWord(name: string): string | undefined {
  return Object.hasOwn(otherWords, name) ? otherWords[name] : undefined
}

export const loopControls = ['loop_var', 'index_var', 'label', 'pause', 'extended'] as const

export function isKeyword(name: string, bearer: Bearer): boolean {
  return keywords[name]?.on.includes(bearer) ?? false
}

export function keywordsOf(bearer: Bearer): string[] {
  return Object.keys(keywords).filter((name) => keywords[name]!.on.includes(bearer))
}
