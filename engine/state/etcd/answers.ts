import { ETCD_SECTION } from './etcdctl.ts'

export type Json = Record<string, unknown>

/** etcdctl's answers and complaints, section by section. */
export function etcdSections(output: string): Map<string, { data: unknown; complaints: string[] }> {
  const found = new Map<string, { data: unknown; complaints: string[] }>()
  for (const section of output.split(ETCD_SECTION).slice(1)) {
    const [name = '', ...lines] = section.split('\n')
    let data: unknown
    const complaints: string[] = []
    for (const line of lines.map((text) => text.trim()).filter(Boolean)) {
      const parsed = line.startsWith('[') || line.startsWith('{') ? parseJson(line) : undefined
      // etcdctl's own log comes as JSON too, a line each.
      if (Array.isArray(parsed) || (isMap(parsed) && !('level' in parsed))) data = parsed
      else
        complaints.push(
          isMap(parsed)
            ? `${textOf(parsed.target)} ${textOf(parsed.error ?? parsed.msg)} ${textOf(parsed.endpoint)}`
            : line,
        )
    }
    found.set(name.trim(), { data, complaints })
  }
  return found
}

/** JSON with ids of 64 bits, which are no safe numbers: long ones stay texts. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/"(?:\\.|[^"\\])*"|\d{16,}/g, (part) => (part.startsWith('"') ? part : `"${part}"`)))
  } catch {
    // Not JSON after all: a complaint that begins with a bracket.
    return undefined
  }
}

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
export const mapOf = (value: unknown): Json => (isMap(value) ? value : {})
export const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isMap) : [])
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
export const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value))
export const numberOf = (value: unknown): number | null =>
  value === undefined || value === null ? null : Number(value)
/** 0 and nothing are no id. */
export const hex = (id: unknown): string | null =>
  id === undefined || id === null || String(id) === '0' ? null : BigInt(String(id)).toString(16)
