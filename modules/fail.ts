import { defineModule } from 'tsplay'

export default defineModule({
  summary: 'Fail, with a text.',
  params: {
    type: 'object',
    properties: { msg: { type: 'string', default: 'Failed as requested from task', description: 'Why.' } },
    additionalProperties: false,
  },
  examples: [
    { title: 'Refuse a small machine', yaml: `- fail: {msg: "{{inventory_hostname}} is too small"}\n  when: "false"` },
  ],
  local: (params) => ({ failed: params.msg }),
})
