import { defineModule, Misgiven, Problem } from 'tsplay'

const NAME = /^[A-Za-z_]\w*$/

export default defineModule({
  summary: 'Set variables for the host, for the rest of the run.',
  params: {
    type: 'object',
    properties: {
      cacheable: {
        type: 'boolean',
        default: false,
        description:
          'They are facts as well: in `ansible_facts`, and forgotten by `meta: clear_facts` there. Not kept between runs.',
      },
    },
    additionalProperties: {},
  },
  returns: { ansible_facts: 'what was set' },
  examples: [{ title: 'Remember a value', yaml: `- set_fact:\n    cluster_name: prod\n    cluster_size: !expr 1 + 2` }],
  check(params) {
    const { cacheable: _, ...values } = params as Record<string, unknown>
    const names = Object.keys(values)
    if (names.length === 0)
      throw new Problem('bad-parameter', 'set_fact needs at least one "name: value".', {
        hint: 'Write what is set below it, each as "name: value".',
      })
    const wrong = names.find((name) => !NAME.test(name))
    if (wrong !== undefined)
      throw new Misgiven(wrong, `"${wrong}" cannot be the name of a variable.`, {
        name: true,
        hint: 'Names are letters, digits and underscores, and do not begin with a digit.',
      })
  },
  local(params) {
    const { cacheable, ...values } = params as Record<string, unknown>
    return { result: { ansible_facts: values }, sets: { level: 'set_fact', values, facts: cacheable === true } }
  },
})
