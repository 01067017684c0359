import {
  type Content,
  defineModule,
  exec,
  lookForOpaque,
  normalizeOpaque,
  type OpaqueParams,
  opaqueDemand,
  opaqueResult,
  type Plan,
  quote,
  splitWords,
} from 'tsplay'

export default defineModule({
  summary: 'Run a script of the controller on the host.',
  description:
    'The first word is the script, looked for in files/ beside the role or playbook; the words behind it are handed to ' +
    'it as the shell of the host reads them. It is sent, run, and taken away again. ' +
    'What it does is not known: a dry run says "may change", unless creates or removes decide.',
  params: {
    type: 'object',
    properties: {
      _raw_params: {
        type: 'string',
        controllerFile: 'files',
        format: 'words',
        description: 'The script and its arguments, as the words after the module.',
      },
      cmd: { type: 'string', controllerFile: 'files', format: 'words', description: 'The script and its arguments.' },
      chdir: { type: 'string', format: 'path', description: 'The folder to run it in.' },
      creates: { type: 'string', description: 'Not run when this exists.' },
      removes: { type: 'string', description: 'Run only when this exists.' },
      decrypt: { type: 'boolean', default: true, description: 'Open a script that is sealed in a vault.' },
      executable: { type: 'string', description: 'The program that runs it. Default: what its first line names.' },
    },
    additionalProperties: false,
  },
  freeForm: '_raw_params',
  returns: { rc: 'exit status', stdout: 'what it said', stderr: 'what it said' },
  examples: [
    {
      title: 'With arguments, once',
      yaml: `- script: join.sh --token {{token}}\n  args: {creates: /etc/joined}\n  vars: {token: abc}`,
      cannotRun: 'needs a script beside the playbook',
    },
  ],
  check: (given) => opaqueDemand('script', { ...defaults, ...given }),
  async probe(host, given, controller) {
    const params = normalizeOpaque('script', { ...defaults, ...given })
    const [script] = splitWords(params.cmd!)
    const [state, file] = await Promise.all([
      lookForOpaque(host, params),
      controller.file(script!.value, 'files', { decrypt: given.decrypt }),
    ])
    const content: Content = file.sealed
      ? await file.content()
      : { file: file.path, size: file.size, sha256: file.sha256 }
    return { ...state, content, name: script!.value, words: params.cmd!.slice(script!.end).trim() }
  },
  plan(state, given): Plan {
    const params = normalizeOpaque('script', { ...defaults, ...given })
    if (state.createsThere) return { skipped: `${params.creates} exists, matching creates option` }
    if (state.removesThere === false) return { skipped: `${params.removes} does not exist, matching removes option` }
    if (!state.chdirThere)
      return { failed: `Unable to change directory before execution: ${state.chdir} is not a folder.` }
    const show = `${state.name} ${state.words}`.trim()
    const program = params.executable === undefined ? '' : `${params.executable} `
    const check = params.executable === undefined ? [INTERPRETER] : []
    const lines = [
      'chmod 0700 "$1" && tsplay_s=$1 || exit 1',
      'set --',
      ...(state.chdir === undefined ? [] : [`cd -- ${quote(state.chdir)} || { rm -f -- "$tsplay_s"; exit 1; }`]),
      ...check,
      `${program}"$tsplay_s" ${state.words}`,
      'tsplay_r=$?',
      'rm -f -- "$tsplay_s"',
      'exit $tsplay_r',
    ]
    const why = `"${show}" may have changed it`
    return {
      steps: [
        exec({
          show,
          script: lines.join('\n'),
          effects: [{ outdates: 'everything', why }],
          opaque: true,
          send: state.content,
        }),
      ],
    }
  },
  after(_host, _plan, replies, given) {
    const now = new Date()
    const { rc, stdout, stdout_lines, stderr, stderr_lines, failed, msg } = opaqueResult(
      '',
      replies[0]!,
      { ...defaults, ...(given as object) },
      now,
      now,
    )
    const said = { changed: true, rc: rc as number, stdout, stdout_lines, stderr, stderr_lines }
    return (failed ? { ...said, failed, msg } : said) as never
  },
})

/** A shell only says that the script is not found, though it is its program that is not. */
const INTERPRETER = `IFS= read -r tsplay_l <"$tsplay_s" || :
case $tsplay_l in
  '#!'*) tsplay_p=\${tsplay_l#??}; tsplay_p=\${tsplay_p#"\${tsplay_p%%[! ]*}"}; tsplay_p=\${tsplay_p%%[ 	]*}
    [ -x "$tsplay_p" ] || { rm -f -- "$tsplay_s"; printf 'The host has no program "%s", which the first line of the script names.\\n' "$tsplay_p" | tr -d '\\r' >&2; exit 127; } ;;
esac`

const defaults = { stdin_add_newline: true, strip_empty_ends: false } satisfies OpaqueParams
