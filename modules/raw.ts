import { defineModule, exec, firstWords, inShell, type OpaqueParams, opaqueResult, takeOptions } from 'tsplay'

export default defineModule({
  summary: 'Run a command as it stands, with nothing around it.',
  description:
    'As shell, with neither creates nor chdir. In Ansible it is for hosts without Python; tsplay needs none anywhere, ' +
    'so shell and command serve as well. What it does is not known: a dry run says "may change".',
  params: {
    type: 'object',
    properties: {
      _raw_params: { type: 'string', minLength: 1, description: 'The command, as the words after the module.' },
      executable: { type: 'string', description: 'The shell. Default: /bin/sh' },
    },
    required: ['_raw_params'],
    additionalProperties: false,
  },
  freeForm: '_raw_params',
  returns: { rc: 'exit status', stdout: 'what it said', stderr: 'what it said' },
  examples: [{ title: 'What is this?', yaml: `- raw: uname -a\n  register: system\n  changed_when: false` }],
  async probe() {
    return {}
  },
  plan(_state, params) {
    const { cmd, executable } = command(params)
    const show = firstWords(cmd)
    return {
      steps: [
        exec({
          show,
          script: `set --\n${inShell(cmd, executable)}`,
          effects: [{ outdates: 'everything', why: `"${show}" may have changed it` }],
          opaque: true,
        }),
      ],
    }
  },
  after(_host, _plan, replies) {
    const options: OpaqueParams = { stdin_add_newline: true, strip_empty_ends: false }
    const now = new Date()
    const { rc, stdout, stdout_lines, stderr, stderr_lines, failed, msg } = opaqueResult(
      '',
      replies[0]!,
      options,
      now,
      now,
    )
    const said = { changed: true, rc: rc as number, stdout, stdout_lines, stderr, stderr_lines }
    return (failed ? { ...said, failed, msg } : said) as never
  },
})

function command(params: { _raw_params: string; executable?: string | undefined }) {
  const { options, rest } = takeOptions(params._raw_params, ['executable'])
  return { cmd: rest, executable: options['executable'] ?? params.executable ?? '/bin/sh' }
}
