import { defineModule, defineRead, Problem } from 'tsplay'

const LOOK = `[ -d /run/systemd/system ] && command -v systemctl >/dev/null || exit 44
systemctl list-units --no-pager --no-legend --plain --type service --all || exit 1
printf '\\000'
files=$(systemctl list-unit-files --no-pager --no-legend --type service --all) || exit 1
printf '%s\\n\\000' "$files"
names=$(printf '%s\\n' "$files" | while read -r name _; do case $name in *@.service) ;; *) printf '%s ' "$name";; esac; done)
printf '%s\\000' "$names"
[ -z "$names" ] || systemctl show --property=ActiveState -- $names | grep . || :`

/** Words that systemd puts where a state would be: such a unit has no other status. */
const BAD = ['not-found', 'masked', 'failed']

interface Service {
  readonly name: string
  readonly state: string
  readonly status: string
  readonly source: 'systemd'
}

/** null: not systemd. Its name is what steps that change units say they outdate. */
const serviceFacts = defineRead<string, string | null>({
  name: 'service-facts',
  key: (all) => all,
  items: () => [LOOK],
  parse: ([reply]) => {
    const { status, stdout, stderr } = reply!
    if (status === 0) return [stdout.toString()]
    if (status === 44) return [null]
    return [new Problem('task-failed', `The services of this host cannot be listed: ${stderr.toString().trim()}`)]
  },
})

export default defineModule({
  summary: 'Gather which services there are, which run and which start at boot, as the fact services.',
  params: { type: 'object', properties: {}, additionalProperties: false },
  returns: { ansible_facts: 'services: by name, its state (running, stopped, …) and status (enabled, disabled, …)' },
  examples: [
    {
      title: 'Only where a service runs',
      yaml: `- service_facts:\n- debug:\n    msg: journald runs\n  when: services["systemd-journald.service"].state == "running"`,
    },
  ],
  probe: (host) => host.read(serviceFacts, ''),
  plan(text) {
    if (text === null) return { failed: 'This host is not run by systemd; its services cannot be listed.' }
    const [units = '', files = '', names = '', states = ''] = text.split('\0')
    return { result: { ansible_facts: { services: servicesOf(units, files, names, states) } } }
  },
})

function servicesOf(units: string, files: string, names: string, states: string): Record<string, Service> {
  const active = states.split('\n').map((line) => line.replace('ActiveState=', ''))
  const stateOf = new Map(names.split(' ').map((name, index) => [name, active[index]]))
  const services: Record<string, Service> = {}
  for (const fields of rows(units)) {
    // A mark before the name stands where units are in trouble, even with --plain in old systemds.
    const [name = '', load = '', one = '', sub = ''] = fields[0]!.endsWith('.service') ? fields : fields.slice(1)
    const bad = BAD.find((word) => [load, one, sub].includes(word))
    services[name] = { name, state: sub === 'running' ? 'running' : 'stopped', status: bad ?? one, source: 'systemd' }
  }
  for (const [name = '', status = ''] of rows(files)) {
    const known = services[name]
    if (!known) services[name] = { name, state: stateOf.get(name) ?? 'unknown', status, source: 'systemd' }
    else if (!BAD.includes(known.status)) services[name] = { ...known, status }
  }
  return services
}

const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.includes('.service'))
    .map((line) => line.trim().split(/\s+/))
