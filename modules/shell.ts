import {
  defineModule,
  firstWords,
  inShell,
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
  summary: 'Run a command in a shell.',
  description:
    'Pipes, redirections, patterns: whatever the shell understands. ' +
    'What it does is not known: it counts as a change, and a dry run says "may change", unless creates or removes decide.',
  params: {
    type: 'object',
    properties: { ...opaqueParams, executable: { type: 'string', description: 'The shell. Default: /bin/sh' } },
    additionalProperties: false,
  },
  freeForm: '_raw_params',
  returns: {
    cmd: 'the command',
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
    {
      title: 'A pipe',
      yaml: `- shell: grep -c processor /proc/cpuinfo | tr -d '\\n'\n  register: processors\n  changed_when: false`,
    },
    {
      title: 'Once',
      yaml: `- shell: |\n    set -e\n    echo made >/tmp/tsplay-made\n  args: {creates: /tmp/tsplay-made}`,
    },
  ],
  check: (given) => opaqueDemand('shell', given as OpaqueParams),
  async probe(host, given) {
    return lookForOpaque(host, normalizeOpaque('shell', given as OpaqueParams))
  },
  plan(state, given) {
    const params = normalizeOpaque('shell', given as OpaqueParams)
    const cmd = params.cmd!
    const skipped = needless(state, params)
    if (skipped) return { result: { cmd, ...skipped } }
    if (!state.chdirThere)
      return { failed: `Unable to change directory before execution: ${state.chdir} is not a folder.` }
    const plan: Plan = {
      steps: [opaqueStep(firstWords(cmd), inShell(cmd, params.executable ?? '/bin/sh'), state, params)],
      result: { cmd },
    }
    started.set(plan, new Date())
    return plan
  },
  after(_host, plan, replies, given) {
    const params = normalizeOpaque('shell', given as OpaqueParams)
    const ended = new Date(replies[0]!.ended ?? Date.now())
    return opaqueResult(params.cmd!, replies[0]!, params, started.get(plan) ?? ended, ended)
  },
})
