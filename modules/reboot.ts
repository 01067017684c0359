import { adviceOn, defineModule, exec, type Host, Problem, plainly, quote, untilAnswering } from 'tsplay'

const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id'

const GO = (command: string) => `go() { ${command}\n}`
/** A host without room for a file starts anew all the same. */
const KEEP = 'if [ -z "$1" ]; then go; elif go >"$1" 2>&1; then rm -f -- "$1"; else echo "(exit status $?)" >>"$1"; fi'

export default defineModule({
  summary: 'Start a host anew, and wait until it is back.',
  description: 'It is back when the kernel tells another boot id than before, and test_command succeeds.',
  params: {
    type: 'object',
    properties: {
      reboot_timeout: { type: 'number', minimum: 0, default: 600, description: 'Seconds until it must be back.' },
      connect_timeout: { type: 'number', minimum: 1, description: 'Seconds that one try may take. Default: 5.' },
      pre_reboot_delay: { type: 'number', minimum: 0, default: 0, description: 'Seconds before it starts anew.' },
      post_reboot_delay: { type: 'number', minimum: 0, default: 0, description: 'Seconds of rest once it is back.' },
      test_command: { type: 'string', default: 'whoami', description: 'A command that must succeed then.' },
      msg: {
        type: 'string',
        default: 'Reboot initiated by Ansible',
        description: 'What users who are logged in are told.',
      },
      reboot_command: {
        type: 'string',
        description: 'The command. Default: shutdown -r, or reboot where it is missing.',
      },
      boot_time_command: {
        type: 'string',
        default: BOOT_ID,
        description: 'A command whose answer is another one after each boot.',
      },
      search_paths: {
        type: 'array',
        items: { type: 'string' },
        default: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'],
        description: 'Folders to look for shutdown in, before those of the shell.',
      },
    },
    additionalProperties: false,
  },
  returns: { rebooted: 'whether it started anew', elapsed: 'seconds until it was back' },
  examples: [
    {
      title: 'Where a new kernel waits',
      yaml: `- stat: {path: /run/reboot-required}\n  register: wanted\n- reboot: {reboot_timeout: 300}\n  when: wanted.stat.exists`,
      cannotRun: 'a container has no kernel to start anew; the virtual machine of the specs does',
    },
  ],
  async probe(host, params) {
    const { stdout } = await host.query(params.boot_time_command, { volatile: true })
    return stdout.toString('utf8').trim()
  },
  plan(bootId, params) {
    const minutes = Math.floor(params.pre_reboot_delay / 60)
    const shutdown = `shutdown -r +${minutes} ${quote(params.msg)}`
    const command =
      params.reboot_command ??
      `if command -v shutdown >/dev/null 2>&1; then ${shutdown}; else sleep ${params.pre_reboot_delay}; reboot; fi`
    return {
      changes: [{ path: 'boot', before: bootId, after: '(another)' }],
      steps: [
        exec({
          show: 'start the host anew',
          // By itself, a moment later: this shell must still answer. What it says when it fails is kept, and asked for.
          script: `t=$(mktemp 2>/dev/null)
echo "$t"
PATH=${params.search_paths.map(quote).join(':')}:$PATH nohup sh -c ${quote(`${GO(command)}\nsleep 1; ${KEEP}`)} sh "$t" </dev/null >/dev/null 2>&1 &`,
          effects: [{ outdates: 'everything', why: 'the host having started anew' }],
        }),
      ],
      repeats: true,
      result: { rebooted: true, boot_id: bootId },
    }
  },
  async after(host, plan, replies, params, controller) {
    const began = performance.now()
    const before = plan.result?.['boot_id']
    await controller.sleep((params.pre_reboot_delay + 2) * 1000)
    const refused = await refusal(host, replies[0]!.stdout.toString('utf8').trim())
    if (refused !== undefined) {
      const hint = adviceOn(refused)
      throw new Problem('task-failed', `The host does not start anew: ${refused}`, hint === undefined ? {} : { hint })
    }
    const why = await untilAnswering(host, controller, {
      timeout: params.reboot_timeout,
      sleep: 1,
      patience: params.connect_timeout ?? 5,
      script: `${params.boot_time_command} && { ${params.test_command}\n} >/dev/null`,
      refuses: ({ status, stdout }) => {
        if (stdout.trim() === before) return 'it has not gone down yet'
        return status === 0 ? undefined : `${params.test_command} fails with exit status ${status}`
      },
    })
    const elapsed = Math.floor((performance.now() - began) / 1000)
    if (why !== undefined) {
      const msg = `Timed out waiting for the host to be back (timeout=${params.reboot_timeout}): ${why}`
      return { failed: true, rebooted: why !== 'it has not gone down yet', elapsed, msg }
    }
    if (params.post_reboot_delay > 0) await controller.sleep(params.post_reboot_delay * 1000)
    return { elapsed }
  },
})

/** What the command said when it failed; a host that does not answer is on its way. */
async function refusal(host: Host, file: string): Promise<string | undefined> {
  if (file === '') return undefined
  const script = `grep -q '^(exit status' -- ${quote(file)} 2>/dev/null && cat -- ${quote(file)} && rm -f -- ${quote(file)}`
  try {
    const { status, stdout } = await host.query(script, { volatile: true })
    return status === 0 ? plainly(stdout.toString('utf8').trim()) : undefined
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code !== 'interrupted') return undefined
    throw thrown
  }
}
