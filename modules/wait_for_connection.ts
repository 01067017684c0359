import { defineModule, untilAnswering } from 'tsplay'

export default defineModule({
  summary: 'Wait until a host can be worked on: after it was made, or started anew.',
  description: 'Connects anew until a shell answers. A dry run tries once.',
  params: {
    type: 'object',
    properties: {
      timeout: { type: 'number', minimum: 0, default: 600, description: 'Seconds, then it fails.' },
      delay: { type: 'number', minimum: 0, default: 0, description: 'Seconds before the first try.' },
      sleep: { type: 'number', minimum: 0, default: 1, description: 'Seconds between tries.' },
      connect_timeout: { type: 'number', minimum: 1, default: 5, description: 'Seconds that one try may take.' },
    },
    additionalProperties: false,
  },
  volatile: true,
  onlyLooks: true,
  returns: { elapsed: 'seconds it waited' },
  examples: [{ title: 'For five minutes at most', yaml: `- wait_for_connection: {timeout: 300}` }],
  async probe(host, params, controller) {
    const { delay, sleep, timeout, connect_timeout: patience } = params
    const began = performance.now()
    const elapsed = () => (performance.now() - began) / 1000
    if (delay > 0 && !controller.checking) await controller.sleep(delay * 1000)
    const waiting = { timeout, sleep, patience, script: 'echo pong' }
    const why = await untilAnswering(host, controller, waiting)
    return { elapsed: Math.floor(elapsed()), ...(why === undefined ? {} : { why }) }
  },
  plan({ elapsed, why }) {
    if (why === undefined) return { result: { elapsed } }
    return { failed: `timed out waiting for ping module test: ${why}`, result: { elapsed } }
  },
})
