import type { FactsAnswer } from './answer.ts'

const mb = (kilobytes: number) => Math.floor(kilobytes / 1024)

export function memoryFacts(answer: FactsAnswer): Record<string, unknown> {
  const sizes: Record<string, number> = {}
  for (const line of answer.file('/proc/meminfo')) {
    const match = /^(\w+):\s+(\d+)/.exec(line)
    if (match) sizes[match[1]!] = mb(Number(match[2]))
  }
  const size = (name: string) => sizes[name] ?? 0
  const free = size('Cached') + size('MemFree') + size('Buffers')
  return {
    memtotal_mb: size('MemTotal'),
    memfree_mb: size('MemFree'),
    swaptotal_mb: size('SwapTotal'),
    swapfree_mb: size('SwapFree'),
    memory_mb: {
      real: { total: size('MemTotal'), used: size('MemTotal') - size('MemFree'), free: size('MemFree') },
      nocache: { free, used: size('MemTotal') - free },
      swap: {
        total: size('SwapTotal'),
        free: size('SwapFree'),
        used: size('SwapTotal') - size('SwapFree'),
        cached: size('SwapCached'),
      },
    },
  }
}

/** Processors as /proc/cpuinfo lists them; sockets and cores counted as Ansible counts them. */
export function processorFacts(answer: FactsAnswer, architecture: string): Record<string, unknown> {
  const processor: string[] = []
  const counts = { vendor: 0, model: 0, processor: 0, all: 0 }
  const sockets = new Map<string, number>()
  const cores = new Map<string, number>()
  let physical = '0'
  let core = '0'
  let said: number | undefined
  for (const line of answer.lines('cpu')) {
    const colon = line.indexOf(':')
    const key = line.slice(0, colon).trim()
    const value = line.slice(colon + 1).trim()
    if (['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor'].includes(key)) {
      processor.push(value)
      counts.all += 1
      if (key === 'vendor_id') counts.vendor += 1
      if (key === 'model name') counts.model += 1
      if (key === 'processor') counts.processor += 1
    } else if (key === 'physical id') {
      physical = value
      if (!sockets.has(physical)) sockets.set(physical, 1)
    } else if (key === 'core id') {
      core = value
      if (!sockets.has(core)) cores.set(core, 1)
    } else if (key === 'cpu cores') sockets.set(physical, Number(value))
    else if (key === 'siblings') cores.set(core, Number(value))
    else if (key === '# processors') said = Number(value)
  }
  let count = counts.vendor > 0 && counts.vendor === counts.model ? counts.vendor : counts.all
  if (/^(armv|aarch|ppc)/.test(architecture)) count = counts.processor
  const processorCount = sockets.size || count
  const processorCores = said ?? ([...sockets.values()][0] || 1)
  const threads = Math.floor(([...cores.values()][0] ?? 1) / processorCores)
  return {
    processor,
    processor_count: processorCount,
    processor_cores: processorCores,
    processor_threads_per_core: threads,
    processor_vcpus: threads * processorCount * processorCores,
    processor_nproc: Number(answer.lines('nproc')[0]) || counts.processor,
  }
}

const FORMS = [
  'Unknown',
  'Other',
  'Unknown',
  'Desktop',
  'Low Profile Desktop',
  'Pizza Box',
  'Mini Tower',
  'Tower',
  'Portable',
  'Laptop',
  'Notebook',
  'Hand Held',
  'Docking Station',
  'All In One',
  'Sub Notebook',
  'Space-saving',
  'Lunch Box',
  'Main Server Chassis',
  'Expansion Chassis',
  'Sub Chassis',
  'Bus Expansion Chassis',
  'Peripheral Chassis',
  'RAID Chassis',
  'Rack Mount Chassis',
  'Sealed-case PC',
  'Multi-system',
  'CompactPCI',
  'AdvancedTCA',
  'Blade',
  'Blade Enclosure',
  'Tablet',
  'Convertible',
  'Detachable',
  'IoT Gateway',
  'Embedded PC',
  'Mini PC',
  'Stick PC',
]
const DMI = [
  'bios_date',
  'bios_vendor',
  'bios_version',
  'board_asset_tag',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_asset_tag',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
  'product_name',
  'product_serial',
  'product_uuid',
  'product_version',
]

export function dmi(answer: FactsAnswer, name: string): string | undefined {
  return answer.value(`/sys/devices/virtual/dmi/id/${name}`)
}

export function machineFacts(answer: FactsAnswer): Record<string, unknown> {
  const form = dmi(answer, 'chassis_type')
  return {
    ...Object.fromEntries(DMI.map((name) => [name, dmi(answer, name) ?? 'NA'])),
    form_factor: form === undefined ? 'NA' : (FORMS[Number(form)] ?? `unknown (${form})`),
    system_vendor: dmi(answer, 'sys_vendor') ?? 'NA',
    uptime_seconds: Math.floor(Number(answer.value('/proc/uptime')?.split(' ')[0] ?? 0)),
  }
}
