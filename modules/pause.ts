import { defineModule } from 'tsplay'

export default defineModule({
  summary: 'Wait for some time, or for a person.',
  description:
    'Once, however many hosts the play has. With neither seconds nor minutes it asks and waits for an answer; where nobody can answer it goes on at once, with a warning. A dry run does not wait.',
  params: {
    type: 'object',
    properties: {
      seconds: { type: 'number', minimum: 0, description: 'How long.' },
      minutes: { type: 'number', minimum: 0, description: 'How long.' },
      prompt: { type: 'string', description: 'What to ask or say.' },
      echo: { type: 'boolean', default: true, description: 'Show what is typed.' },
    },
    not: { required: ['seconds', 'minutes'] },
    additionalProperties: false,
  },
  once: true,
  returns: {
    user_input: 'what was typed',
    delta: 'seconds it took',
    start: 'when',
    stop: 'when',
    echo: 'as asked',
    stdout: 'how long it paused',
  },
  examples: [{ title: 'Let things settle', yaml: `- pause: {seconds: 1}` }],
  async local(params, controller) {
    const start = new Date()
    const seconds = params.seconds ?? (params.minutes === undefined ? undefined : params.minutes * 60)
    let input = ''
    if (seconds !== undefined) {
      if (!controller.checking) await controller.sleep(seconds * 1000)
    } else if (!controller.checking) {
      const question = params.prompt ?? 'Press enter to continue, Ctrl+C to interrupt'
      if (controller.ask) input = await controller.ask(question, { hidden: !params.echo })
      else controller.warn('pause: nobody is there to answer, so it does not wait.')
    }
    const stop = new Date()
    return {
      result: {
        start: start.toISOString(),
        stop: stop.toISOString(),
        delta: Math.round((stop.getTime() - start.getTime()) / 1000),
        echo: params.echo,
        user_input: input,
        rc: 0,
        stdout: seconds === undefined ? '' : `Paused for ${seconds} seconds`,
      },
    }
  },
})
