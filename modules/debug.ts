import { defineModule } from 'tsplay'

export default defineModule({
  summary: 'Show a text or a variable.',
  params: {
    type: 'object',
    properties: {
      msg: { description: 'What to show: a text, a list or a map.', default: 'Hello world!' },
      var: { type: 'string', description: 'The name of a variable to show.' },
      verbosity: { type: 'integer', minimum: 0, default: 0, description: 'Shown only when run with this many -v.' },
    },
    additionalProperties: false,
  },
  examples: [{ title: 'Say something', yaml: `- debug: {msg: "all is well on {{inventory_hostname}}"}` }],
  local(params, controller) {
    if (params.var !== undefined)
      return { result: { [params.var]: controller.variable(params.var) ?? 'VARIABLE IS NOT DEFINED!' } }
    return { result: { msg: params.msg as string } }
  },
})
