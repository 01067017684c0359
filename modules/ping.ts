import { defineModule } from 'tsplay'

export default defineModule({
  summary: 'See whether a host can be worked on.',
  description: 'Connects, becomes whom it should become, runs a shell, and answers pong. It sends no ICMP packet.',
  params: {
    type: 'object',
    properties: {
      data: { type: 'string', default: 'pong', description: 'What to answer. crash: fail, to try what happens then.' },
    },
    additionalProperties: false,
  },
  returns: { ping: 'what was asked for' },
  examples: [
    { title: 'Is it there?', yaml: `- ping:` },
    { title: 'With an answer of your own', yaml: `- ping: {data: here}` },
  ],
  onlyLooks: true,
  async probe(host) {
    const reply = await host.query('echo pong')
    return { answered: reply.status === 0 && reply.stdout.toString('utf8').trim() === 'pong' }
  },
  plan({ answered }, { data }) {
    if (!answered) return { failed: 'The shell of the host does not do what it is told.' }
    return data === 'crash' ? { failed: 'boom' } : { result: { ping: data } }
  },
})
