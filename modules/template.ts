import { posix } from 'node:path'
import {
  attributeParams,
  type Content,
  type Controller,
  defineModule,
  lookAtPlace,
  Misgiven,
  type PlaceOptions,
  Problem,
  planPlace,
  TouchedUnknown,
} from 'tsplay'

export default defineModule({
  summary: "Fill in a template with the task's variables and put it on the host.",
  description:
    'Templates are Handlebars (.hbs). The name at the destination is that of the template without .hbs when dest is a folder.',
  params: {
    type: 'object',
    properties: {
      src: { type: 'string', controllerFile: 'templates', description: 'The template, beside the role or playbook.' },
      dest: { type: 'string', format: 'path', description: 'Where to.' },
      ...attributeParams,
      backup: { type: 'boolean', default: false, description: 'Keep the old file beside the new one.' },
      validate: {
        type: 'string',
        pattern: '%s',
        description: 'A command that must accept the new file (%s) before it takes its place.',
      },
      force: { type: 'boolean', default: true, description: 'Replace a file that is there with another content.' },
      follow: { type: 'boolean', default: false, description: 'Write through a link at dest instead of replacing it.' },
      newline_sequence: {
        enum: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
        default: '\n',
        description: 'What ends a line; the letters \\n and \\r mean what they do in double quotes.',
      },
      output_encoding: {
        type: 'string',
        default: 'utf-8',
        description: 'How characters are written: utf-8, utf-16le, latin1 or ascii, by any of their usual names.',
      },
    },
    required: ['src', 'dest'],
    additionalProperties: false,
  },
  returns: {
    dest: 'where it is',
    checksum: 'SHA-1 of the content',
    backup_file: 'where the old file was kept',
    mode: 'as set',
    owner: 'as set',
    group: 'as set',
  },
  examples: [
    {
      title: 'A configuration file, checked before it is used',
      yaml: `- template:\n    src: sshd_config.hbs\n    dest: /etc/ssh/sshd_config\n    mode: "0600"\n    backup: true\n    validate: /usr/sbin/sshd -t -f %s`,
      cannotRun: 'needs a template beside the playbook',
    },
  ],
  check: ({ output_encoding }) => void encoder(output_encoding),
  contained: true,
  async probe(host, params, controller) {
    const content = await rendered(params, controller)
    const options: PlaceOptions = {
      dest: params.dest,
      content,
      basename: posix.basename(params.src).replace(/\.hbs$/, ''),
      mode: params.mode === 'preserve' ? (await controller.file(params.src, 'templates')).mode : params.mode,
      owner: params.owner,
      group: params.group,
      follow: params.follow,
      force: params.force,
      backup: params.backup,
      validate: params.validate,
      unsafe_writes: params.unsafe_writes,
    }
    return { options, place: await lookAtPlace(host, options, controller.checking) }
  },
  plan({ options, place }, params) {
    const placed = planPlace(place, options)
    return { ...placed, result: { ...placed.result, src: params.src } }
  },
})

/** In a dry run a template may hold what nobody can know yet: the file is then predicted with unknown content. */
async function rendered(
  params: { src: string; newline_sequence: string; output_encoding: string },
  controller: Controller,
): Promise<Content> {
  const { src } = params
  const encode = encoder(params.output_encoding)
  const lineEnd = params.newline_sequence.replaceAll('\\n', '\n').replaceAll('\\r', '\r')
  const file = await controller.file(src, 'templates')
  const text = (await file.content()).toString('utf8')
  try {
    const filled = controller.render(text, file.path)
    if (file.sealed) controller.secret(filled)
    return encode(lineEnd === '\n' ? filled : filled.replace(/\r?\n/g, lineEnd))
  } catch (thrown) {
    if (!(thrown instanceof TouchedUnknown)) throw thrown
    const { unknown } = thrown
    return { unknown, make: () => Promise.reject(new Problem('internal', unknown.reason)) }
  }
}

/** Throws bad-parameter for an encoding that is not known, and later for a character that it has not. */
function encoder(name: string): (text: string) => Buffer {
  const plain = name.toLowerCase().replaceAll(/[-_ ]/g, '')
  if (plain === 'utf8') return (text) => Buffer.from(text)
  if (plain === 'utf16le') return (text) => Buffer.from(text, 'utf16le')
  const last = /^(latin1?|l1|iso88591)$/.test(plain) ? 0xff : /^(us)?ascii$/.test(plain) ? 0x7f : undefined
  if (last === undefined)
    throw new Misgiven(
      'output_encoding',
      `"output_encoding" of "template" cannot be "${name}": it is not one of utf-8, utf-16le, latin1, ascii.`,
      {
        hint: 'utf-8 is what nearly every program reads.',
      },
    )
  return (text) => {
    const strange = [...text].find((character) => character.codePointAt(0)! > last)
    if (strange !== undefined)
      throw new Problem('bad-parameter', `The template gives "${strange}", which ${name} has no character for.`)
    return Buffer.from(text, 'latin1')
  }
}
