import { defineModule } from 'tsplay'

export default defineModule({
  summary: "Bring a file's content into a variable, as base64.",
  params: {
    type: 'object',
    properties: {
      src: { type: 'string', format: 'path', aliases: ['path'], description: 'The file on the host, up to 8 MiB.' },
    },
    required: ['src'],
    additionalProperties: false,
  },
  returns: { content: 'the bytes in base64', encoding: 'base64', source: 'the file' },
  examples: [{ title: 'Read a file', yaml: `- slurp: {src: /etc/hosts}\n  register: hosts_file` }],
  onlyLooks: true,
  async probe(host, params) {
    const [there, content] = await Promise.all([
      host.stat(params.src, { follow: true }),
      host.content(params.src).catch((thrown: Error) => thrown),
    ])
    return { type: there?.type, content }
  },
  plan({ type, content }, params) {
    if (type === 'directory') return { failed: `source is a directory and must be a file: ${params.src}` }
    if (content instanceof Error) throw content
    if (content === null) return { failed: `file not found: ${params.src}` }
    return { result: { content: content.toString('base64'), encoding: 'base64', source: params.src } }
  },
})
