import { expect } from 'chai'
import { manifestsIn, manifestText, sayManifest } from '../../engine/state/kube/manifest.ts'
import kube from '../../modules/kube.ts'
import { params } from './harness.ts'

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const settings = (data: Record<string, string>, name = 'settings', more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data,
})

describe('kube', () => {
  describe('definitions', () => {
    const kinds: [what: string, given: unknown, said: string[]][] = [
      ['a map', namespace('a'), ['Namespace a']],
      ['a list', [namespace('a'), settings({}, 'b', { namespace: 'a' })], ['Namespace a', 'ConfigMap a/b']],
      [
        'documents',
        `---\n${JSON.stringify(namespace('a'))}\n---\n# nothing\n---\n${JSON.stringify(namespace('b'))}`,
        ['Namespace a', 'Namespace b'],
      ],
      ['a list of Kubernetes', { apiVersion: 'v1', kind: 'List', items: [namespace('a')] }, ['Namespace a']],
      ['nothing', '', []],
    ]
    for (const [what, given, said] of kinds) {
      it(`may be ${what}`, () => {
        expect(manifestsIn(given, 'x').map((one) => sayManifest(one))).to.deep.equal(said)
      })
    }

    const wrong: [given: unknown, said: string][] = [
      ['a: [', 'x is not well-formed YAML (line 1).'],
      ['- 1', 'An object in x is not a map.'],
      [{ kind: 'A' }, 'An object in x has no apiVersion or no kind.'],
      [{ apiVersion: 'v1', kind: 'A' }, 'An object in x is of kind A and has no metadata.name.'],
    ]
    for (const [given, said] of wrong) {
      it(`may not be ${JSON.stringify(given)}`, () => {
        expect(() => manifestsIn(given, 'x')).to.throw(said)
      })
    }

    it('are one way to say what is meant', () => {
      expect(() => params(kube, { kind: 'Pod' })).to.throw()
      expect(() => params(kube, { definition: namespace('a'), src: 'x' })).to.throw()
      expect(params(kube, { state: 'get', kind: 'Pod' })).to.include({ wait_timeout: 120, api_version: 'v1' })
    })

    it('are compared without what the API keeps for itself', () => {
      const live = { ...namespace('a'), status: { phase: 'Active' } }
      const metadata = { uid: '1', resourceVersion: '2', managedFields: [], name: 'a', generation: 1 }
      expect(manifestText({ ...live, metadata })).to.equal(manifestText(namespace('a')))
    })
  })
})
