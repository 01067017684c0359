import { defineModule, isJobName, jobResult, lookAtJob, Misgiven, parseJob, query, removeJob, type Step } from 'tsplay'

export default defineModule({
  summary: 'Ask what has become of a task that goes on in the background.',
  description:
    "A task with async and poll: 0 gives the job's id as ansible_job_id. Jobs are kept in .tsplay_async in the home of " +
    'their user, or where ANSIBLE_ASYNC_DIR in the environment of the tasks says: become the same user to ask for one.',
  params: {
    type: 'object',
    properties: {
      jid: { type: 'string', description: 'The id of the job.' },
      mode: {
        enum: ['status', 'cleanup'],
        default: 'status',
        description: 'status: what it has come to. cleanup: take away what it left behind.',
      },
    },
    required: ['jid'],
    additionalProperties: false,
  },
  volatile: true,
  returns: {
    ansible_job_id: 'the id of the job',
    started: '1',
    finished: '1 once it has ended',
    results_file: 'the folder on the host where the job keeps its state',
    erased: 'what cleanup took away',
    stdout: 'of a command, once it has ended',
    stderr: 'of a command, once it has ended',
  },
  examples: [
    {
      title: 'Start, go on, and wait for the end',
      cannotRun: 'a dry run starts no job whose end could be asked for; spec/run/background.spec.ts runs it',
      yaml:
        `- command: sleep 1\n  async: 30\n  poll: 0\n  register: job\n  changed_when: false\n` +
        `- async_status: {jid: "{{job.ansible_job_id}}"}\n  register: slept\n  until: slept.finished == 1\n  retries: 20\n  delay: 1\n  changed_when: false`,
    },
  ],
  check({ jid }) {
    if (!isJobName(jid))
      throw new Misgiven('jid', `"${jid}" is not the id of a job.`, {
        hint: 'It is "ansible_job_id" of what the task with "async" registered.',
      })
  },
  async probe(host, { jid, mode }) {
    return { mode, job: parseJob(await host.query(lookAtJob(jid), { volatile: true })) }
  },
  plan(state, { jid }) {
    if (state.mode === 'status') return { result: jobResult(jid, state.job) }
    const step: Step = {
      name: 'exec',
      show: `take away what the job ${jid} left`,
      script: removeJob(jid),
      effects: [{ outdates: query.name, why: 'a job was cleaned away' }],
    }
    return {
      steps: [step],
      repeats: true,
      result: { changed: false, ansible_job_id: jid, erased: state.job.folder },
    }
  },
})
