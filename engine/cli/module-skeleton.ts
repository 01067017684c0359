/** For editors: the parameters' types come from the schema in the module. */
export const tsconfigText = `{
  "compilerOptions": {
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "types": ["node", "mocha"],
    "strict": true,
    "skipLibCheck": true,
    "allowImportingTsExtensions": true,
    "noEmit": true
  },
  "include": ["modules", "roles/*/modules"]
}
`

/** A module that passes its specs as it is: a text in a file. */
export function moduleText(name: string): string {
  return `import { bytesOf, defineModule, remove, textOf, write } from 'tsplay'

export default defineModule({
  summary: 'Keep a text in a file.',
  // JSON Schema: what playbooks may say, and the types of what probe and plan are given.
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', description: 'The file, in a folder that is there.' },
      text: { type: 'string', default: '', description: 'What is in it, one line.' },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether it is there at all.' },
    },
    required: ['path'],
    additionalProperties: false,
  },
  returns: { path: 'the file' },
  // Each is played on a real host by the specs, in this order.
  examples: [
    {
      title: 'A text',
      given: '- file: {path: /tmp/${name}.txt, state: absent}',
      yaml: '- ${name}: {path: /tmp/${name}.txt, text: Hello}',
    },
    { title: 'No text', yaml: '- ${name}: {path: /tmp/${name}.txt, state: absent}' },
  ],

  // Looks at the host; what is asked for together goes out in one round trip.
  async probe(host, { path }) {
    const [there, content] = await Promise.all([host.stat(path), host.content(path)])
    return { type: there?.type ?? null, text: content && textOf(content) }
  },

  // Decides: no steps when all is right. The steps say themselves what a dry run will see.
  plan(now, { path, text, state }) {
    const result = { path }
    if (now.type !== null && now.type !== 'file')
      return { failed: \`\${path} is a \${now.type}.\`, hint: 'Give the path of a file.' }
    if (state === 'absent') {
      if (now.type === null) return { result }
      return { changes: [{ path, before: now.text }], steps: [remove(path)], result }
    }
    const wanted = \`\${text}\\n\`
    if (now.text === wanted) return { result }
    return {
      changes: [{ path, ...(now.text === null ? {} : { before: now.text }), after: wanted }],
      steps: [write({ path, content: bytesOf(wanted) })],
      result,
    }
  },
})
`
}

/** Its specs, for mocha: decisions on fake hosts, and its examples on this machine. */
export function specText(name: string): string {
  return `import { deepStrictEqual, rejects, strictEqual } from 'node:assert'
import { contract, fakeHost, planFor, settles } from 'tsplay/testing'
import ${name} from './${name}.ts'

describe('${name}', () => {
  const given = { path: '/etc/greeting', text: 'Hello' }

  it('writes what is not there', async () => {
    const host = fakeHost({ files: {} })
    const { changes } = await settles(${name}, given, host)
    deepStrictEqual(changes, [{ path: '/etc/greeting', after: 'Hello\\n' }])
    strictEqual((await host.content('/etc/greeting'))?.toString(), 'Hello\\n')
  })

  it('leaves what is right', async () => {
    const { steps } = await planFor(${name}, given, fakeHost({ files: { '/etc/greeting': 'Hello\\n' } }))
    deepStrictEqual(steps, [])
  })

  it('removes it', async () => {
    const host = fakeHost({ files: { '/etc/greeting': 'Hello\\n' } })
    await settles(${name}, { path: '/etc/greeting', state: 'absent' }, host)
    strictEqual(await host.stat('/etc/greeting'), null)
  })

  it('says what it cannot do', async () => {
    const host = fakeHost({ files: { '/etc/greeting': { directory: true } } })
    strictEqual((await planFor(${name}, given, host)).failed, '/etc/greeting is a directory.')
    await rejects(planFor(${name}, { text: 'Hello' }, host), /path/)
  })
})

// Its examples for real; { inventory: 'inventory.yml' } plays them on hosts of yours.
contract(${name}, { file: new URL('./${name}.ts', import.meta.url), host: 'localhost' })
`
}
