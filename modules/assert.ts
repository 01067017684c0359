import { defineModule } from 'tsplay'

export default defineModule({
  summary: 'Fail unless all the conditions hold.',
  params: {
    type: 'object',
    properties: {
      that: { expression: true, description: 'One condition, or a list of them.' },
      fail_msg: { aliases: ['msg'], description: 'What to say when one does not hold.' },
      success_msg: { description: 'What to say when all hold. Default: All assertions passed' },
      quiet: { type: 'boolean', default: false, description: 'Say nothing of each condition.' },
    },
    required: ['that'],
    additionalProperties: false,
  },
  returns: { assertion: 'the condition that did not hold', evaluated_to: 'what it came to', msg: 'as given' },
  examples: [
    {
      title: 'An odd number of members',
      yaml: `- assert:\n    that:\n      - members % 2 == 1\n      - members >= 3\n    fail_msg: etcd needs an odd number of members, three or more\n  vars: {members: 3}`,
    },
  ],
  local(params, controller) {
    for (const condition of Array.isArray(params.that) ? (params.that as unknown[]) : [params.that]) {
      if (controller.condition(condition)) continue
      const text = shown(condition)
      const msg = params.fail_msg === undefined ? 'Assertion failed' : said(params.fail_msg)
      return {
        failed: msg,
        hint: `It does not hold: ${text}`,
        result: {
          assertion: text,
          evaluated_to: false,
          ...(params.fail_msg === undefined ? {} : { fail_msg: params.fail_msg }),
        },
      }
    }
    return { result: { msg: params.success_msg === undefined ? 'All assertions passed' : said(params.success_msg) } }
  },
})

const said = (message: unknown): string => (Array.isArray(message) ? message.map(String).join('\n') : String(message))

/** The condition as it stands in the playbook. */
function shown(condition: unknown): string {
  if (typeof condition === 'object' && condition !== null && 'text' in condition && typeof condition.text === 'string')
    return condition.text
  return typeof condition === 'string' ? condition : JSON.stringify(condition)
}
