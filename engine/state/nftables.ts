import { Problem } from '../base/problem.ts'
import type { Reply } from '../wire/connection.ts'
import { quote } from '../wire/quote.ts'
import { adviceOn, plainly } from './advice.ts'
import { defineRead } from './read.ts'
import type { Step } from './step.ts'
import { exec } from './steps/exec.ts'
import { bytesOf } from './text.ts'

export interface NftTable {
  readonly family: string
  readonly name: string
}

export interface NftText extends NftTable {
  /** What stands between the braces of the table. */
  readonly body: string
}

const said = ({ family, name }: NftTable) => `${family} ${name}`
const words = ({ family, name }: NftTable) => `${family} ${quote(name)}`
// The body begins in the first line, so that nft counts lines as its author does.
const whole = (table: NftText) => `table ${said(table)} {${table.body}\n}`

/** A table as nft lists it, without counts and what packets fill in; null when it is not there, or nft is not. */
export const nftTable = defineRead<NftTable, string | null>({
  name: 'nft-table',
  key: said,
  items: (tables) => tables.map((table) => `nft -s list table ${words(table)}`),
  parse: (replies, tables) =>
    tables.map((table, index) => {
      const { status, stdout, stderr } = replies[index]!
      if (status === 0) return settledListing(stdout.toString())
      if (status === 127 || /No such file or directory/.test(stderr.toString())) return null
      return unreadable(`The table ${said(table)} of nftables cannot be read`, stderr.toString())
    }),
})

/**
 * What nft would list once it had taken the text: it takes it in a network namespace made for that, which is gone right after.
 * There the host's interfaces are stood in for by name and index, where the text needs them. What it refuses is told as `refused`.
 */
export const nftListing = defineRead<NftText, { listing: string } | { refused: string }>({
  name: 'nft-listing',
  key: (table) => `${said(table)}\n${table.body}`,
  items: (tables) =>
    tables.map((table) => {
      const load = `nft -f - || exit 3; nft list tables | grep -vxF ${quote(`table ${said(table)}`)} && exit 4; exec nft -s list table ${words(table)} 2>/dev/null`
      const links = `for l; do for t in dummy bridge veth; do ip link add name "\${l% *}" index "\${l#* }" type $t 2>/dev/null && break; done; done`
      return [
        `t=${quote(whole(table))}`,
        `o=$(printf '%s\\n' "$t" | unshare -n sh -c ${quote(load)} 2>&1); s=$?`,
        'if [ $s -eq 3 ] && command -v ip >/dev/null; then',
        `set --; while read -r n i; do set -- "$@" "$n $i"; done <<LINKS`,
        `$(ip -o link | sed -n 's/^\\([0-9]*\\): \\([^:@]*\\)[:@].*/\\2 \\1/p' | grep -v '^lo ')`,
        'LINKS',
        `o=$(printf '%s\\n' "$t" | unshare -n sh -c ${quote(`${links}; ${load}`)} sh "$@" 2>&1); s=$?`,
        'fi',
        `printf '%s\\n' "$o"; exit $s`,
      ].join('\n')
    }),
  parse: (replies, tables) => tables.map((table, index) => listingOf(table, replies[index]!)),
})

function listingOf(table: NftText, { status, stdout }: Reply): { listing: string } | { refused: string } | Problem {
  const text = stdout.toString()
  if (status === 0) return { listing: settledListing(text) }
  if (status === 4) return { refused: `it makes more than that table: ${text.trim().split('\n').join(', ')}` }
  if (status === 3) return { refused: complaint(text) }
  return unreadable(`What becomes of the table ${said(table)} cannot be seen in a network namespace of its own`, text)
}

/** The first thing that nft says, with its line. */
function complaint(text: string): string {
  const [, line, words] = /^\/dev\/stdin:(\d+):[\d-]+: Error: (.*)$/m.exec(text) ?? []
  return line === undefined ? (text.trim().split('\n')[0] ?? '') : `line ${line}: ${words}`
}

function unreadable(what: string, text: string): Problem {
  const hint = /not permitted|must be root|Permission denied/.test(text)
    ? 'The task may need "become: true"; a container may not be allowed to.'
    : adviceOn(plainly(text))
  return new Problem('task-failed', `${what}: ${complaint(plainly(text))}`, hint === undefined ? {} : { hint })
}

/** Without the elements of sets that packets fill, and that run out by themselves. */
export function settledListing(text: string): string {
  return text.replace(/^\t(set|map) .*\{\n(.*\n)*?\t\}$/gm, (block) =>
    /^\t\tflags .*\b(dynamic|timeout)\b/m.test(block) ? block.replace(/^\t\telements = \{[^}]*\}\n/m, '') : block,
  )
}

/** Puts a table in the place of the one that is there, at once: packets meet the old one or the new one. */
export function replaceTable(table: NftText, listing: string): Step {
  const make = `table ${said(table)}`
  return exec({
    show: `load the table ${said(table)} into nftables`,
    script: 'nft -f "$1"',
    send: bytesOf(`${make} {}\ndelete ${make}\n${whole(table)}\n`),
    effects: [{ read: nftTable.name, key: said(table), gives: listing }],
  })
}

export function deleteTable(table: NftTable): Step {
  return exec({
    show: `delete the table ${said(table)} of nftables`,
    script: `nft delete table ${words(table)}`,
    effects: [{ read: nftTable.name, key: said(table), gives: null }],
  })
}

/** Whether a text closes a brace that it did not open, and so leaves its table; strings and comments aside. */
export function leavesTable(body: string): boolean {
  let depth = 0
  for (const [mark] of body.matchAll(/"[^"\n]*"|#.*|[{}]/g)) {
    if (mark === '{') depth++
    else if (mark === '}' && --depth < 0) return true
  }
  return depth !== 0
}
