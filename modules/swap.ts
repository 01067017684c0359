import {
  bytesOf,
  type Change,
  defineModule,
  exec,
  Fstab,
  quote,
  realPath,
  type Step,
  swaps,
  textOf,
  write,
} from 'tsplay'

export default defineModule({
  summary: 'Turn swap off, now and after a boot.',
  description:
    'The lines of fstab are kept as comments. Swap that the host cannot turn off, because it runs in a container, is named in the result.',
  params: {
    type: 'object',
    properties: {
      state: { enum: ['off'], default: 'off' },
      fstab: { type: 'string', format: 'path', default: '/etc/fstab' },
    },
    additionalProperties: false,
  },
  returns: {
    left_out: 'swap areas that cannot be turned off here, each with the reason',
    turned_off: 'swap areas that were in use',
  },
  examples: [{ title: 'No swap', yaml: '- swap:\n    state: off' }],
  async probe(host, params) {
    const [fstab, file, now] = await Promise.all([
      host.content(params.fstab),
      host.read(realPath, params.fstab),
      host.read(swaps, ''),
    ])
    return { fstab: fstab === null ? null : textOf(fstab), file, now }
  },
  plan({ fstab, file, now }) {
    const changes: Change[] = []
    const steps: Step[] = []
    const table = new Fstab(fstab ?? '')
    if (table.disable('swap').length > 0) {
      changes.push({ path: file, before: fstab ?? '', after: table.text })
      steps.push(write({ path: file, content: bytesOf(table.text) }))
    }
    const { areas, barred } = now
    if (barred !== undefined)
      return {
        changes,
        steps,
        result: areas.length === 0 ? {} : { left_out: Object.fromEntries(areas.map((area) => [area.path, barred])) },
      }
    if (areas.length > 0) {
      changes.push(...areas.map((area) => ({ path: `swap ${area.path}`, before: `${area.size} KiB`, after: 'off' })))
      steps.push(
        exec({
          show: `turn off swap on ${areas.map((area) => area.path).join(', ')}`,
          // systemd's generated units of fstab go with the next reload.
          script: `${areas.map((area) => `swapoff -- ${quote(area.path)} || exit 1`).join('\n')}\nif [ -d /run/systemd/system ]; then systemctl daemon-reload; fi`,
          effects: [{ read: swaps.name, key: '', gives: { areas: [] } }],
        }),
      )
    }
    return { changes, steps, result: { turned_off: areas.map((area) => area.path) } }
  },
})
