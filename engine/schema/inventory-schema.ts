import { meaning, nothing, type Schema, scalar } from './value-schema.ts'

const connectionVariables: Readonly<Record<string, string>> = {
  ansible_host: 'The address to connect to, where it is not the name.',
  ansible_port: 'The port of its SSH server.',
  ansible_user: 'Whom to log in as.',
  ansible_password: 'The password to log in with; better sealed with !vault.',
  ansible_ssh_private_key_file: 'The key to log in with.',
  ansible_ssh_common_args: 'Further words for ssh: -J host, -o ProxyJump=host.',
  ansible_connection: 'How to reach it: ssh or local.',
  ansible_become: 'Become another user there.',
  ansible_become_user: 'Whom to become.',
  ansible_become_method: 'How to become: sudo or su.',
  ansible_become_password: 'The password that becoming needs; better sealed with !vault.',
  ansible_group_priority: 'Of groups of one depth the higher number wins. Default: 1.',
}

/** Groups of groups, hosts and variables, at any depth. */
export function inventoryDefinitions(): Schema {
  const group = { $ref: '#/$defs/group' }
  return {
    type: ['object', 'null'],
    additionalProperties: group,
    propertyNames: { pattern: '^\\S+$' },
    $defs: {
      group: {
        type: ['object', 'null'],
        properties: {
          hosts: meaning(
            {
              anyOf: [
                { type: 'object', additionalProperties: { $ref: '#/$defs/variables' } },
                { type: 'string' },
                nothing,
              ],
            },
            'Its hosts, each a key: names, addresses, ranges such as web[01:20].',
          ),
          children: meaning(
            { anyOf: [{ type: 'object', additionalProperties: group }, { type: 'string' }, nothing] },
            'Groups that belong to it, each a key.',
          ),
          vars: meaning({ $ref: '#/$defs/variables' }, 'Variables of all its hosts.'),
        },
        additionalProperties: false,
      },
      variables: {
        type: ['object', 'null'],
        properties: Object.fromEntries(
          Object.entries(connectionVariables).map(([name, text]) => [name, meaning(scalar, text)]),
        ),
      },
    },
  }
}
