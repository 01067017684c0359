import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { type Authority, issue } from '../../engine/pki/certificate.ts'
import { brokenChain } from '../../engine/pki/chain.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import { Workbench } from './referee.ts'

const key = { algo: 'ecdsa', size: 256 }
const now = new Date()
const long = { expiry: '87600h', usages: ['signing', 'cert sign', 'server auth'] }
const config = parseSigningConfig({
  signing: {
    default: long,
    profiles: {
      leaf: { expiry: '87600h', usages: ['signing', 'server auth'] },
      below: { ...long, ca_constraint: { is_ca: true, max_path_len: 0, max_path_len_zero: true } },
    },
  },
})

const root = (CN: string, more: object = {}, at = now) =>
  issue({ request: parseRequest({ CN, key, ca: { expiry: '87600h', ...more } }), now: at })
const signed = (CN: string, ca: Authority, profile: string, at = now) =>
  issue({
    request: parseRequest({ CN, key, hosts: ['localhost'] }),
    ca,
    profile: profileNamed(config, profile),
    now: at,
  })

describe('pki: chains', () => {
  const bench = new Workbench()
  const made: Record<string, Authority> = {}
  before(async () => {
    made['root'] = await root('Root')
    made['twin'] = await root('Root')
    made['other'] = await root('Other')
    made['brief'] = await root('Brief', { expiry: '48h' }, new Date(now.getTime() - 40 * 3_600_000))
    made['below'] = await signed('Below', made['root'], 'below')
    made['leaf'] = await signed('leaf', made['root'], 'leaf')
    made['deep'] = await signed('deep', made['below'], 'leaf')
    made['late'] = await signed('late', made['brief'], 'leaf', now)
  })
  after(() => bench.clean())

  const read = (name: string) => new X509Certificate(made[name]!.certPem)
  const judge = (name: string, others: string[], authorities: string[], at = now) =>
    brokenChain(read(name), others.map(read), authorities.map(read), at)
  /** openssl's own verdict. */
  const verdict = (name: string, others: string[], authorities: string[], at = now) => {
    const pem = (names: string[]) => bench.write(names.map((one) => made[one]!.certPem).join(''))
    return spawnSync(
      'openssl',
      [
        ...['verify', '-attime', String(Math.floor(at.getTime() / 1000)), '-CAfile', pem(authorities)],
        ...(others.length > 0 ? ['-untrusted', pem(others)] : []),
        pem([name]),
      ],
      { encoding: 'utf8' },
    ).status
  }

  const later = new Date(now.getTime() + 20 * 3_600_000)
  const cases: [
    what: string,
    leaf: string,
    others: string[],
    authorities: string[],
    why: string | undefined,
    at?: Date,
  ][] = [
    ['one authority', 'leaf', [], ['root'], undefined],
    ['one of several authorities', 'leaf', [], ['other', 'twin', 'root'], undefined],
    ['an authority between', 'deep', ['leaf', 'below'], ['root'], undefined],
    ['the authority itself', 'root', [], ['root'], undefined],
    ['no authority between', 'deep', [], ['root'], 'it is signed by CN=Below, which is not the authority given'],
    ['another authority', 'leaf', [], ['other'], 'it is signed by CN=Root, which is not the authority given'],
    [
      'one of the same name',
      'leaf',
      [],
      ['twin'],
      'it is not signed by the authority given, only by another one of the same name (CN=Root)',
    ],
    ['another authority itself', 'other', [], ['root'], 'it is signed by itself'],
    ['an authority that has expired', 'late', [], ['brief'], 'the authority CN=Brief has expired', later],
    ['the same before it did', 'late', [], ['brief'], undefined],
  ]
  for (const [what, leaf, others, authorities, why, at] of cases) {
    it(`${what}: ${why ?? 'well'}, as openssl says`, () => {
      expect(judge(leaf, others, authorities, at)).to.equal(why)
      expect(verdict(leaf, others, authorities, at) === 0).to.equal(why === undefined)
    })
  }
})
