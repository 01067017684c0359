import { defineModule, Problem } from 'tsplay'

const actions = [
  'flush_handlers',
  'end_play',
  'end_host',
  'end_batch',
  'clear_facts',
  'clear_host_errors',
  'reset_connection',
  'refresh_inventory',
  'noop',
] as const

export default defineModule({
  summary: 'Steer the run itself.',
  description:
    'flush_handlers: run the notified handlers now. end_play, end_batch, end_host: the rest is not run for all hosts, the batch, or this host. ' +
    'clear_facts: forget what was gathered. clear_host_errors: failed hosts take part again. reset_connection: connect anew. refresh_inventory: read the inventory again.',
  params: {
    type: 'object',
    properties: { free_form: { enum: actions, description: 'What to do.' } },
    required: ['free_form'],
    additionalProperties: false,
  },
  freeForm: 'free_form',
  examples: [{ title: 'Handlers now', yaml: `- meta: flush_handlers` }],
  local(params) {
    throw new Problem('internal', `meta: ${params.free_form} is done by the run, and was given to the module instead.`)
  },
})
