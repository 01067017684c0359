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
  /** For people, one sentence: docs and editors show it. */
  readonly meaning: string
}

const everywhere: readonly Bearer[] = ['play', 'role', 'block', 'task', 'handler', 'include']
const inPlays: readonly Bearer[] = ['role', 'block', 'task', 'handler', 'include']
const tasks: readonly Bearer[] = ['task', 'handler', 'include']

/** Every keyword of the language, once: loader, schema and docs are made from this table. */
export const keywords: Readonly<Record<string, Keyword>> = {
  name: { on: everywhere, form: 'text', meaning: 'What it is called in reports; handlers are notified by it.' },
  tags: {
    on: everywhere,
    form: 'names',
    meaning: 'Names by which --tags and --skip-tags choose; always and never are special.',
  },
  when: {
    on: inPlays,
    form: 'condition',
    meaning: 'Run only where this holds, an expression (CEL); of a list all must hold.',
  },
  vars: { on: everywhere, form: 'map', meaning: 'Variables for what is inside.' },
  become: { on: everywhere, form: 'boolean', meaning: 'Become another user (root, unless become_user says another).' },
  become_user: { on: everywhere, form: 'text', meaning: 'Whom to become.' },
  become_method: { on: everywhere, form: 'text', choices: ['sudo', 'su'], meaning: 'How to become: sudo or su.' },
  become_flags: { on: everywhere, form: 'text', meaning: 'Further words for sudo or su.' },
  environment: { on: everywhere, form: 'maps', meaning: 'Variables of the environment that commands are run in.' },
  connection: {
    on: everywhere,
    form: 'text',
    choices: ['ssh', 'local', 'smart', 'paramiko', 'paramiko_ssh'],
    meaning: 'How to reach the host: ssh or local.',
  },
  port: { on: everywhere, form: 'number', meaning: 'The port of the SSH server.' },
  remote_user: { on: everywhere, form: 'text', meaning: 'Whom to log in as.' },
  no_log: { on: everywhere, form: 'boolean', meaning: 'Show nothing of parameters and results.' },
  run_once: { on: everywhere, form: 'boolean', meaning: 'Run on the first host only; all get its result.' },
  ignore_errors: { on: everywhere, form: 'boolean', meaning: 'A failure is shown, and the host goes on.' },
  ignore_unreachable: { on: everywhere, form: 'boolean', meaning: 'A host that cannot be reached stays in the play.' },
  check_mode: {
    on: everywhere,
    form: 'boolean',
    meaning: 'true: never change anything here; false: do it even in a dry run.',
  },
  diff: { on: everywhere, form: 'boolean', meaning: 'Show differences, or do not, whatever the command line says.' },
  any_errors_fatal: { on: everywhere, form: 'boolean', meaning: 'A failure on one host ends the play for all.' },
  throttle: {
    on: everywhere,
    form: 'number',
    meaning: 'At most this many hosts at once; on a block, in the whole of it.',
  },
  timeout: { on: everywhere, form: 'number', meaning: 'Fail when it takes longer than this many seconds.' },
  delegate_to: {
    on: inPlays,
    form: 'text',
    meaning: 'Do it on this host instead, with the variables of the one it is for.',
  },
  delegate_facts: {
    on: inPlays,
    form: 'boolean',
    meaning: 'Facts that are gathered belong to the host that was delegated to.',
  },
  notify: {
    on: inPlays,
    form: 'names',
    meaning: 'Handlers to run at the end of the section when this changed something.',
  },
  module_defaults: { on: everywhere, form: 'maps', meaning: 'Parameters of modules where a task does not say them.' },

  hosts: { on: ['play'], form: 'names', meaning: 'Which hosts: groups, names and patterns such as web:!web1.' },
  gather_facts: {
    on: ['play'],
    form: 'boolean',
    meaning: 'Look at what the hosts are; false: not even when a fact is used.',
  },
  gather_subset: { on: ['play'], form: 'names', meaning: 'Which facts to gather.' },
  vars_files: {
    on: ['play'],
    form: 'any',
    meaning: 'Files of variables; of a list within the list the first that is there.',
  },
  vars_prompt: { on: ['play'], form: 'any', meaning: 'Variables to ask for before the play begins.' },
  roles: { on: ['play'], form: 'any', meaning: 'Roles, run before tasks.' },
  pre_tasks: { on: ['play'], form: 'entries', meaning: 'Tasks before the roles.' },
  tasks: { on: ['play'], form: 'entries', meaning: 'Tasks and blocks, in their order.' },
  post_tasks: { on: ['play'], form: 'entries', meaning: 'Tasks after roles and tasks.' },
  handlers: { on: ['play'], form: 'entries', meaning: 'Tasks that run only when they are notified.' },
  serial: {
    on: ['play'],
    form: 'percent',
    meaning: 'How many hosts at a time: a number, a percentage, or a list of them.',
  },
  max_fail_percentage: {
    on: ['play', 'block'],
    form: 'number',
    meaning: 'End the play when more than this share of a batch has failed.',
  },
  strategy: {
    on: ['play'],
    form: 'text',
    fixed: true,
    choices: ['linear', 'free', 'host_pinned'],
    meaning: 'linear: task by task; free: each host as fast as it can; host_pinned: host by host.',
  },
  order: {
    on: ['play'],
    form: 'text',
    choices: ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'],
    meaning: 'In which order hosts are gone through.',
  },
  force_handlers: { on: ['play'], form: 'boolean', meaning: 'Run notified handlers even on hosts that failed.' },

  block: { on: ['block'], form: 'entries', meaning: 'Tasks that belong together.' },
  rescue: { on: ['block'], form: 'entries', meaning: 'Tasks to run when one of the block failed.' },
  always: { on: ['block'], form: 'entries', meaning: 'Tasks to run whatever happened.' },

  action: { on: tasks, form: 'any', meaning: 'The module and its parameters, written as in old playbooks.' },
  local_action: { on: tasks, form: 'any', meaning: 'The same, on this machine.' },
  args: { on: tasks, form: 'map', meaning: 'Further parameters of the module.' },
  register: { on: tasks, form: 'text', fixed: true, meaning: 'Keep the result in this variable.' },
  loop: { on: tasks, form: 'any', meaning: 'Run once for each item of this list; `item` is the item.' },
  loop_control: { on: tasks, form: 'map', meaning: 'How the loop is gone through and shown.' },
  until: { on: tasks, form: 'condition', meaning: 'Run again until this holds.' },
  retries: { on: tasks, form: 'number', meaning: 'How many times more to try, with until. Default: 3.' },
  delay: { on: tasks, form: 'number', meaning: 'Seconds between tries. Default: 5.' },
  changed_when: { on: tasks, form: 'condition', meaning: 'What counts as a change.' },
  failed_when: { on: tasks, form: 'condition', meaning: 'What counts as a failure.' },
  async: { on: tasks, form: 'number', meaning: 'Seconds it may take.' },
  poll: { on: tasks, form: 'number', meaning: 'Seconds between looks at it; 0: go on without waiting.' },
  listen: { on: ['handler', 'block'], form: 'names', meaning: 'Further names by which it is notified.' },
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
  sudo: '"become: true"',
  sudo_user: '"become_user"',
  su: '"become: true" and "become_method: su"',
  user: '"remote_user"',
  include: '"import_playbook", "import_tasks" or "include_tasks"',
  always_run: '"check_mode: false"',
  unless: '"when" with a condition that begins with !, quoted,',
  only_if: '"when"',
  first_available_file: '"with_first_found"',
  become_pass: 'the variable "ansible_become_password"',
  ignore_error: '"ignore_errors: true"',
}

export function otherWord(name: string): string | undefined {
  return Object.hasOwn(otherWords, name) ? otherWords[name] : undefined
}

/** What `loop_control` may say, with its meaning. */
export const loopControls = {
  loop_var: 'The name of the variable that holds the item. Default: item.',
  index_var: 'The name of a variable that counts the items, from 0.',
  label: 'What to show of the item.',
  pause: 'Seconds between two items.',
  extended: 'Offer ansible_loop: index, first, last, length and more.',
  extended_allitems: 'false: leave all the items out of ansible_loop.',
} as const

/** What a prompt of `vars_prompt` may say, with its meaning. */
export const promptOptions = {
  name: 'The variable that takes the answer.',
  prompt: 'The question. Default: the name.',
  default: 'The answer when none is given.',
  private: 'Show nothing of what is typed. Default: true.',
  confirm: 'Ask twice.',
  encrypt: 'Keep a hash of the answer.',
  salt: 'The salt of the hash.',
  salt_size: 'How long a salt to make.',
  unsafe: 'Braces in the answer are text.',
} as const

const tasksOptions = {
  file: 'The file of tasks; it may stand by itself behind the colon.',
  apply: 'Keywords for all tasks that are included.',
} as const

const roleOptions = {
  name: 'The role.',
  role: 'The same.',
  tasks_from: 'Another file than tasks/main.yml.',
  vars_from: 'Another file than vars/main.yml.',
  defaults_from: 'Another file than defaults/main.yml.',
  handlers_from: 'Another file than handlers/main.yml.',
  apply: 'Keywords for all tasks of the role.',
  public: "Keep the role's variables for the rest of the play.",
  allow_duplicates: 'Run it though it has run before.',
  rolespec_validate: 'Taken for the sake of older playbooks: params are always checked.',
} as const

/** What an include takes, by its name, with its meaning. */
export const includeOptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  import_tasks: tasksOptions,
  include_tasks: tasksOptions,
  import_role: roleOptions,
  include_role: roleOptions,
}

export function isKeyword(name: string, bearer: Bearer): boolean {
  return keywords[name]?.on.includes(bearer) ?? false
}

export function keywordsOf(bearer: Bearer): string[] {
  return Object.keys(keywords).filter((name) => keywords[name]!.on.includes(bearer))
}
