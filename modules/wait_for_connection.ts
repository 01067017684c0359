import { defineModule, Problem } from 'tsplay'

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
  returns: { elapsed: 'seconds it waited' },
  examples: [{ title: 'For five minutes at most', yaml: `- wait_for_connection: {timeout: 300}` }],
  async probe(host, params, controller) {
    const { delay, sleep, timeout, connect_timeout: patience } = params
    const began = performance.now()
    const elapsed = () => (performance.now() - began) / 1000
    if (delay > 0 && !controller.checking) await controller.sleep(delay * 1000)
    let why = ''
    do {
      try {
        // What was left of an earlier connection may be dead without having said so.
        await controller.reconnect?.()
        await within(patience, () => host.query('echo pong', { volatile: true }), controller.signal)
        return { elapsed: Math.floor(elapsed()) }
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.code === 'interrupted' || controller.checking) throw thrown
        why = thrown.message
      }
      await controller.sleep(sleep * 1000)
    } while (elapsed() < timeout + delay)
    return { elapsed: Math.floor(elapsed()), why }
  },
  plan({ elapsed, why }) {
    if (why === undefined) return { result: { elapsed } }
    return { failed: `timed out waiting for ping module test: ${why}`, result: { elapsed } }
  },
})

/** A try that takes too long is given up. */
async function within<T>(seconds: number, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const give = () => reject(new Problem('host-unreachable', `no answer within ${seconds} s`))
    timer = setTimeout(give, seconds * 1000)
    signal.addEventListener('abort', give, { once: true })
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
