import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { child } from '../../engine/lang/node.ts'
import { keyText, toPlain } from '../../engine/lang/plain.ts'
import { document, role, rolesFolder } from './role.ts'

const given = {
  release: { release_url: 'https://example.org/x.tar.gz', release_folder: '/opt/x', release_programs: ['x'] },
} as Record<string, Record<string, unknown>>

for (const name of readdirSync(rolesFolder)) {
  describe(`role ${name}: what it says of itself`, () => {
    const defaults = document(join(rolesFolder, name, 'defaults/main.yml'))
    const variables = defaults?.kind === 'map' ? defaults.pairs.map(({ key }) => keyText(key)) : []
    const meta = document(join(rolesFolder, name, 'meta/main.yml'))
    const params = meta?.kind === 'map' ? child(meta, 'params') : undefined
    const schema = params ? (toPlain(params) as { properties: Record<string, object> }) : undefined

    it('its README names every variable', () => {
      const text = readFileSync(join(rolesFolder, name, 'README.md'), 'utf8')
      const row = text
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .map((line) => line.split('|')[1]!)
      const named = row.flatMap((cell) => {
        const names = [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
        // `a_url`, `_port` stands for a_port.
        return names.map((one) => (one.startsWith('_') ? names[0]!.replace(/_[a-z]+$/, one) : one))
      })
      expect(named).to.include.members(variables)
    })

    it('its schema has every variable, and takes its defaults', () => {
      expect(Object.keys(schema?.properties ?? {})).to.include.members(variables)
      const view = role(name, given[name])
      const values = Object.fromEntries(
        Object.keys(schema!.properties)
          .filter((one) => view.variables.has(one))
          .map((one) => [one, view.variables.get(one)]),
      )
      const ajv = new Ajv.default({ allowUnionTypes: true, allErrors: true })
      const valid = ajv.compile(schema!)
      valid(values)
      expect(valid.errors ?? []).to.deep.equal([])
    })
  })
}
