import { defineModule, Problem } from 'tsplay'

const NAME = /^[A-Za-z_]\w*$/

export default defineModule({
  summary: 'Note figures of your own; they are shown behind the recap.',
  description: 'With --output jsonl they are in the recap, as custom.',
  params: {
    type: 'object',
    properties: {
      data: { type: 'object', additionalProperties: {}, description: 'The figures, by name.' },
      per_host: { type: 'boolean', default: false, description: 'One set of figures for each host, not for the run.' },
      aggregate: {
        type: 'boolean',
        default: true,
        description:
          'Add to what is there: numbers are summed, texts and lists joined, maps merged. Otherwise it is replaced.',
      },
    },
    required: ['data'],
    additionalProperties: false,
  },
  returns: { ansible_stats: 'data, per_host and aggregate' },
  examples: [
    { title: 'Count', yaml: `- set_stats:\n    data: {packages_upgraded: 3}` },
    { title: 'For each host', yaml: `- set_stats:\n    data: {free_mb: 512}\n    per_host: true` },
  ],
  local({ data, per_host, aggregate }) {
    const figures = data as Record<string, unknown>
    const wrong = Object.keys(figures).find((name) => !NAME.test(name))
    if (wrong !== undefined) {
      throw new Problem('bad-parameter', `"${wrong}" cannot be the name of a figure.`, {
        hint: 'Names are letters, digits and underscores, and do not begin with a digit.',
      })
    }
    return {
      result: { ansible_stats: { data: figures, per_host, aggregate } },
      request: { stats: { data: figures, perHost: per_host, aggregate } },
    }
  },
})
