import { posix } from 'node:path'
import { bytesOf, type Change, defineModule, exec, makeLink, type Step, textOf, write } from 'tsplay'

const ZONES = '/usr/share/zoneinfo'
const LINK = '/etc/localtime'
/** Debian keeps the name here as well. */
const NAME = '/etc/timezone'
/** What the hardware's clock keeps stands on its third line: UTC (also without the file) or LOCAL. */
const ADJTIME = '/etc/adjtime'

export default defineModule({
  summary: "Set the host's time zone, and what its hardware clock keeps.",
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        pattern: '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$',
        description: 'The zone: Europe/Berlin, Etc/UTC, …',
      },
      hwclock: { enum: ['UTC', 'local'], aliases: ['rtc'], description: 'What the hardware clock keeps.' },
    },
    anyOf: [{ required: ['name'] }, { required: ['hwclock'] }],
    additionalProperties: false,
  },
  returns: { name: 'the zone', hwclock: 'what the hardware clock keeps' },
  examples: [
    {
      title: 'Universal time',
      given: '- apt: {name: tzdata}',
      yaml: '- timezone: {name: Etc/UTC}',
    },
  ],
  async probe(host, params) {
    const [link, name, adjtime, zone, systemd] = await Promise.all([
      host.stat(LINK),
      host.content(NAME),
      params.hwclock === undefined ? null : host.content(ADJTIME),
      params.name === undefined ? null : host.stat(posix.join(ZONES, params.name), { follow: true }),
      host.type('/run/systemd/system'),
    ])
    return {
      now: link?.target === undefined ? undefined : zoneOf(link.target),
      blocked: link !== null && link.type !== 'link',
      name: name === null ? null : textOf(name),
      clock:
        adjtime !== null && textOf(adjtime).split('\n')[2]?.trim() === 'LOCAL' ? ('local' as const) : ('UTC' as const),
      known: zone?.type === 'file',
      // As timedatectl links, and as Debian does.
      zones: systemd ? posix.join('..', ZONES) : ZONES,
    }
  },
  plan({ now, name, clock, known, blocked, zones }, params) {
    const steps: Step[] = []
    const changes: Change[] = []
    if (params.name !== undefined) {
      if (!known)
        return {
          failed: `This host knows no time zone "${params.name}".`,
          hint: `Zones are the files below ${ZONES}; they come with the package tzdata.`,
        }
      if (now !== params.name) {
        changes.push({ path: LINK, before: blocked ? 'a file' : now, after: params.name })
        steps.push(makeLink(LINK, posix.join(zones, params.name)))
      }
      if (name !== null && name.trim() !== params.name) {
        changes.push({ path: NAME, before: name, after: `${params.name}\n` })
        steps.push(write({ path: NAME, content: bytesOf(`${params.name}\n`) }))
      }
    }
    if (params.hwclock !== undefined && params.hwclock !== clock) {
      changes.push({ path: 'hardware clock', before: clock, after: params.hwclock })
      steps.push(
        exec({
          show: `have the hardware clock keep ${params.hwclock === 'UTC' ? 'UTC' : 'local time'}`,
          script: `timedatectl set-local-rtc ${params.hwclock === 'UTC' ? 0 : 1}`,
          effects: [
            {
              file: { path: ADJTIME, type: 'file', content: bytesOf(`0.0 0 0\n0\n${params.hwclock.toUpperCase()}\n`) },
            },
          ],
        }),
      )
    }
    return {
      steps,
      changes,
      result: {
        ...(params.name === undefined ? {} : { name: params.name }),
        ...(params.hwclock === undefined ? {} : { hwclock: params.hwclock }),
      },
    }
  },
})

/** The zone that /etc/localtime links to. */
function zoneOf(target: string): string {
  const path = posix.resolve('/etc', target)
  return path.startsWith(`${ZONES}/`) ? path.slice(ZONES.length + 1) : path
}
