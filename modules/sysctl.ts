import { posix } from 'node:path'
import {
  bytesOf,
  type Change,
  defineModule,
  isUnknown,
  realPath,
  type Step,
  type Sysctl,
  sameSysctl,
  setSysctls,
  sysctl,
  sysctlPath,
  textOf,
  write,
} from 'tsplay'

/** Which module brings the settings of a name, where people forget to load it. */
const BROUGHT_BY: readonly [start: string, module: string][] = [
  ['net.bridge.', 'br_netfilter'],
  ['net.netfilter.', 'nf_conntrack'],
  ['net.nf_conntrack', 'nf_conntrack'],
  ['net.ipv4.vs.', 'ip_vs'],
]

export default defineModule({
  summary: 'Set kernel settings, in the running kernel and in a file for the next boot.',
  description:
    'The file and the running kernel are both compared, by value: blanks and the way a number is written make no difference.',
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        format: 'line',
        minLength: 1,
        aliases: ['key'],
        description: 'One setting: `net.ipv4.ip_forward`.',
      },
      value: { type: ['string', 'number'], format: 'line', aliases: ['val'], description: 'Its value.' },
      settings: {
        type: 'object',
        minProperties: 1,
        propertyNames: { format: 'line' },
        additionalProperties: { type: ['string', 'number'], format: 'line' },
        description: 'Several settings at once, one file for all.',
      },
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent takes the lines out of the file; the running kernel keeps its values.',
      },
      sysctl_file: {
        type: 'string',
        format: 'path',
        default: '/etc/sysctl.conf',
        description: 'The file, /etc/sysctl.d/NAME.conf.',
      },
      reload: { type: 'boolean', default: true, description: 'Set the running kernel too.' },
      sysctl_set: { type: 'boolean', default: false, description: 'Set the running kernel even without reload.' },
      ignoreerrors: {
        type: 'boolean',
        default: false,
        description: 'Write the file even for settings that the kernel does not have or take.',
      },
      ignore_missing: {
        type: 'boolean',
        default: false,
        description:
          'Leave out, and name in the result, settings that the kernel lacks or that cannot be set in a container.',
      },
    },
    oneOf: [{ required: ['name'] }, { required: ['settings'] }],
    additionalProperties: false,
  },
  returns: {
    left_out: 'settings that were left out, each with the reason',
    settings: 'the settings that file and kernel have',
  },
  examples: [
    {
      title: 'One setting',
      yaml: '- sysctl:\n    name: net.ipv4.ip_forward\n    value: 1\n    sysctl_file: /etc/sysctl.d/forward.conf',
    },
    {
      title: 'Several, where the kernel has them',
      yaml: '- sysctl:\n    sysctl_file: /etc/sysctl.d/k8s.conf\n    ignore_missing: true\n    settings:\n      net.ipv4.ip_forward: 1\n      net.ipv4.tcp_keepalive_time: 600\n      fs.may_detach_mounts: 1',
    },
  ],
  async probe(host, params) {
    const keys = params.settings ? Object.keys(params.settings) : [params.name!]
    const [content, path, ...running] = await Promise.all([
      host.content(params.sysctl_file),
      host.read(realPath, params.sysctl_file),
      ...keys.map((key) => host.maybe(sysctl, key)),
    ])
    const folder = posix.dirname(path)
    const stray = path !== params.sysctl_file && content === null && !(await host.type(folder))
    return {
      file: content === null ? null : textOf(content),
      stray: stray ? folder : undefined,
      // As Ansible: /etc/sysctl.d/99-sysctl.conf is a link on many hosts, and stays one.
      path,
      // A module that a dry run would load brings settings nobody can read yet.
      running: Object.fromEntries(
        keys.map((key, index) => [key, isUnknown(running[index]) ? 'pending' : running[index]]),
      ) as Record<string, Sysctl | null | 'pending'>,
    }
  },
  plan({ file, path, stray, running }, params) {
    if (stray !== undefined)
      return { failed: `${params.sysctl_file} is a link to ${path}: there is no folder ${stray}.` }
    const given = Object.entries(params.settings ?? { [params.name!]: params.value ?? '' })
    const lines = new Lines(file ?? '', params.settings ? ' = ' : '=')
    const changes: Change[] = []
    const steps: Step[] = []
    if (params.state === 'absent') {
      for (const [key] of given) lines.remove(key)
      return finish(lines, file, path, changes, steps, {})
    }
    if (params.name !== undefined && params.value === undefined)
      return { failed: `sysctl needs "value" for ${params.name}.` }
    const leftOut: Record<string, string> = {}
    const set: [string, string][] = []
    const live = params.reload || params.sysctl_set
    for (const [key, raw] of given) {
      const value = valueText(raw)
      const now = running[key] ?? null
      const obstacle =
        now === 'pending' || !live
          ? undefined
          : now === null
            ? 'the kernel has no such setting'
            : sameSysctl(now.value, value)
              ? undefined
              : now.fixed
      if (obstacle !== undefined) {
        if (params.ignore_missing && (now === null || obstacle.includes('container'))) {
          leftOut[key] = obstacle
          continue
        }
        if (!params.ignoreerrors) {
          if (now === null) return { failed: `The kernel has no setting ${key}.`, hint: missingHint(key) }
          return {
            failed: `${key} is "${now === 'pending' ? '' : now.value}" and cannot be set to "${value}": ${obstacle}.`,
            hint: obstacle.includes('root')
              ? 'The task may need "become: true".'
              : 'With "ignore_missing: true" it is left out and named in the result.',
          }
        }
      }
      lines.set(key, value)
      if (live && obstacle === undefined && (now === 'pending' || now === null || !sameSysctl(now.value, value))) {
        set.push([key, value])
        changes.push({
          path: `${key} (running)`,
          ...(now === 'pending' || now === null ? {} : { before: now.value }),
          after: value,
        })
      }
    }
    const result = {
      ...(Object.keys(leftOut).length > 0 ? { left_out: leftOut } : {}),
      settings: Object.fromEntries(given.filter(([key]) => !(key in leftOut))),
    }
    const plan = finish(lines, file, path, changes, steps, result)
    if (set.length > 0) steps.push(setSysctls(set, params.ignoreerrors))
    return plan
  },
})

function finish(
  lines: Lines,
  file: string | null,
  path: string,
  changes: Change[],
  steps: Step[],
  result: Record<string, unknown>,
) {
  const after = lines.text
  if (after !== (file ?? '')) {
    changes.unshift({ path, ...(file === null ? {} : { before: file }), after })
    steps.push(write({ path, content: bytesOf(after), ...(file === null ? { mode: '0644' } : {}) }))
  }
  return { changes, steps, result }
}

function missingHint(key: string): string {
  const module = BROUGHT_BY.find(([start]) => key.startsWith(start))?.[1]
  return module
    ? `The kernel module ${module} brings it: load it first (kmod).`
    : 'Check the name; with "ignore_missing: true" it is left out and named in the result.'
}

/** The lines of a sysctl file: those of the settings at hand change, all others stay to the byte. */
class Lines {
  #lines: string[]
  readonly #given: string
  readonly #sign: string

  constructor(text: string, sign: string) {
    this.#lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
    this.#given = text
    this.#sign = sign
  }

  get text(): string {
    if (this.#lines.join('\n') === this.#given.replace(/\n$/, '')) return this.#given
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`
  }

  /** The last line of a key decides, as it is the last that is applied; where it is written, earlier ones go. */
  set(key: string, value: string): void {
    const own = this.#own(key)
    const last = own.at(-1)
    if (last === undefined) this.#lines.push(`${key}${this.#sign}${value}`)
    else if (sameSysctl(valueIn(this.#lines[last]!), value)) return
    else this.#lines[last] = `${key}${this.#sign}${value}`
    for (const index of own.slice(0, -1).reverse()) this.#lines.splice(index, 1)
  }

  remove(key: string): void {
    for (const index of this.#own(key).reverse()) this.#lines.splice(index, 1)
  }

  #own(key: string): number[] {
    const path = sysctlPath(key)
    return this.#lines.flatMap((line, index) => {
      const name = /^\s*-?([^#;=\s][^=]*?)\s*=/.exec(line)?.[1]
      return name !== undefined && sysctlPath(name) === path ? [index] : []
    })
  }
}

/** A YAML truth is the kernel's 1. */
function valueText(raw: unknown): string {
  const text = String(raw).trim()
  return /^(true|false)$/i.test(text) ? (/true/i.test(text) ? '1' : '0') : text
}

function valueIn(line: string): string {
  return line.slice(line.indexOf('=') + 1)
}
