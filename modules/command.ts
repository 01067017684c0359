import {
  argumentWords,
  defineModule,
  lookForOpaque,
  needless,
  normalizeOpaque,
  type OpaqueParams,
  opaqueDemand,
  opaqueParams,
  opaqueResult,
  opaqueStep,
  type Plan,
} from 'tsplay'

/** When each plan was made, which is when its command starts. */
const started = new WeakMap<Plan, Date>()

export default defineModule({
  summary: 'Run a program, without a shell.',
  description:
    'The words are taken as they are: no pipes, no redirections, no patterns; $NAME and ~ are filled in. ' +
    'What it does is not known: it counts as a change, and a dry run says "may change", unless creates or removes decide.',
  params: {
    type: 'object',
    properties: {
      ...opaqueParams,
      argv: {
        type: 'array',
        items: { type: ['string', 'number', 'boolean'] },
        description: 'The program and its arguments, as a list.',
      },
      expand_argument_vars: { type: 'boolean', default: true, description: 'Fill in $NAME and ~ in the words.' },
    },
    additionalProperties: false,
  },
  freeForm: '_raw_params',
  returns: {
    cmd: 'the words',
    rc: 'exit status',
    stdout: 'what it said',
    stderr: 'what it said',
    start: 'when',
    end: 'when',
    delta: 'how long',
    msg: 'what went wrong',
    stdout_lines: 'stdout, line by line',
    stderr_lines: 'stderr, line by line',
  },
  examples: [
    { title: 'Ask a program', yaml: `- command: uname -r\n  register: kernel\n  changed_when: false` },
    { title: 'Once', yaml: `- command: touch /tmp/tsplay-once\n  args: {creates: /tmp/tsplay-once}` },
  ],
  check: (given) => opaqueDemand('command', given as OpaqueParams),
  async probe(host, given) {
    const params = normalizeOpaque('command', given as OpaqueParams)
    return lookForOpaque(host, params)
  },
  plan(state, given) {
    const params = normalizeOpaque('command', given as OpaqueParams)
    const { words, cmd } = argumentWords(params)
    const skipped = needless(state, params)
    if (skipped) return { result: { cmd, ...skipped } }
    if (!state.chdirThere)
      return { failed: `Unable to change directory before execution: ${state.chdir} is not a folder.` }
    const plan: Plan = { steps: [opaqueStep(cmd.join(' '), `exec ${words.join(' ')}`, state, params)], result: { cmd } }
    started.set(plan, new Date())
    return plan
  },
  after(_host, plan, replies, given) {
    const params = normalizeOpaque('command', given as OpaqueParams)
    const { cmd } = argumentWords(params)
    const ended = new Date(replies[0]!.ended ?? Date.now())
    const result = opaqueResult(cmd, replies[0]!, params, started.get(plan) ?? ended, ended)
    // The shell says it, in one line, of the very program: nothing has run. Ansible's status for that is 2.
    const words = String(result['stderr']).split('exec: ')
    const missing = replies[0]!.status === 127 && words.length === 2 && words[1]!.includes(`${cmd[0]}: `)
    return missing ? { ...result, changed: false, rc: 2, msg: `The host has no program "${cmd[0]}".` } : result
  },
})
