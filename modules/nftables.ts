import {
  type Controller,
  defineModule,
  deleteTable,
  leavesTable,
  nftListing,
  nftTable,
  type Plan,
  replaceTable,
  textOf,
} from 'tsplay'

export default defineModule({
  summary: 'Keep a table of nftables: in the running kernel, as a whole.',
  description:
    'The text is loaded into a network namespace of its own first, on the host and for a moment: what nft lists there is compared with what it lists now. ' +
    'A table that differs is replaced at once. Sets that packets fill (flags dynamic or timeout) are compared without their elements. ' +
    'Nothing is kept for the next boot: write the whole ruleset to /etc/nftables.conf, and enable the unit nftables.',
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
        aliases: ['table'],
        description: 'The name of the table.',
      },
      family: {
        enum: ['inet', 'ip', 'ip6', 'arp', 'bridge', 'netdev'],
        default: 'inet',
        description: 'Which packets it is about; inet: those of IPv4 and IPv6.',
      },
      content: { type: 'string', description: 'What stands between the braces of the table: chains, sets, maps, …' },
      src: { type: 'string', controllerFile: 'files', description: 'The same, as a file of the controller.' },
      state: { enum: ['present', 'absent'], default: 'present', description: 'absent: the table is not there.' },
    },
    required: ['name'],
    allOf: [
      { not: { required: ['content', 'src'] } },
      {
        if: { properties: { state: { const: 'absent' } }, required: ['state'] },
        else: { anyOf: [{ required: ['content'] }, { required: ['src'] }] },
      },
    ],
    additionalProperties: false,
  },
  returns: { family: 'as asked', name: 'the table', listing: 'the table as nft lists it' },
  examples: [
    {
      title: 'What this host lets in',
      given: '- apt: {name: nftables}',
      yaml: `- nftables:
    name: guard
    content: |
      set admins {
        type ipv4_addr
        flags interval
        elements = { 192.168.0.0/16 }
      }
      chain input {
        type filter hook input priority filter; policy accept;
        ct state established,related accept
        ip saddr @admins tcp dport 22 accept
        iifname "wan*" counter drop comment "from outside"
      }`,
    },
    {
      title: 'A table that is no longer needed',
      given: '- apt: {name: nftables}\n- nftables: {name: old, content: "chain c { }"}',
      yaml: '- nftables:\n    name: old\n    state: absent',
    },
  ],
  async probe(host, params, controller) {
    const { name, family } = params
    const body = params.state === 'absent' ? undefined : await bodyOf(params, controller)
    const [path, now, wanted] = await Promise.all([
      host.command('nft'),
      host.read(nftTable, { family, name }),
      body === undefined || leavesTable(body) ? undefined : host.read(nftListing, { family, name, body }),
    ])
    return { lacks: path === null, body, now, wanted }
  },
  plan({ lacks, body, now, wanted }, { family, name }): Plan {
    const table = { family, name }
    const path = `nftables ${family} ${name}`
    if (lacks) return { failed: 'This host has no command nft.', hint: 'Its package is called nftables.' }
    if (body === undefined) {
      const result = { family, name, listing: '' }
      if (now === null) return { result }
      return { changes: [{ path, before: now }], steps: [deleteTable(table)], result }
    }
    if (wanted === undefined)
      return {
        failed: `The braces of the text for the table ${family} ${name} do not match.`,
        hint: 'It is what stands between the braces of the table, without these.',
      }
    if ('refused' in wanted) return { failed: `nft cannot take the table ${family} ${name}: ${wanted.refused}` }
    const { listing } = wanted
    const result = { family, name, listing }
    if (now === listing) return { result }
    return {
      changes: [{ path, ...(now === null ? {} : { before: now }), after: listing }],
      steps: [replaceTable({ ...table, body }, listing)],
      result,
    }
  },
})

async function bodyOf(
  { content = '', src }: { content?: string | undefined; src?: string | undefined },
  controller: Controller,
): Promise<string> {
  return src === undefined ? content : textOf(await (await controller.file(src, 'files')).content())
}
