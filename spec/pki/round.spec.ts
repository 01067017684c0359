import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { type Authority, issue } from '../../engine/pki/certificate.ts'
import { inspect } from '../../engine/pki/inspect.ts'
import { reasonsToReissue } from '../../engine/pki/judge.ts'
import { generateKey, keyPem } from '../../engine/pki/key.ts'
import { defaultProfile } from '../../engine/pki/profiles.ts'
import { type KeyRequest, parseRequest } from '../../engine/pki/request.ts'
import { extendedUsages, keyUsages } from '../../engine/pki/usage.ts'
import { Workbench } from './referee.ts'

/** Numbers that look random and are the same in every run: a failure can be had again. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const kinds: KeyRequest[] = [
  { algo: 'ecdsa', size: 256 },
  { algo: 'ecdsa', size: 384 },
  { algo: 'ecdsa', size: 521 },
  { algo: 'ed25519', size: 256 },
  { algo: 'rsa', size: 2048 },
]

describe('pki: issued, verified, inspected, judged, hundreds of times', function () {
  this.timeout(120_000)
  const bench = new Workbench()
  after(() => bench.clean())

  it('every certificate verifies, says what was asked, and is kept', async () => {
    const roll = dice(20_261_123)
    const pick = <T>(list: readonly T[]): T => list[roll(list.length)]!
    const word = (): string =>
      Array.from({ length: 1 + roll(12) }, () => pick([...'abcXYZ 09*&@_\'+,üß中🔑=/\\"'])).join('')
    // OpenSSL's strict mode wants that one for authorities only.
    const usages = [...Object.keys(keyUsages), ...Object.keys(extendedUsages)].filter((usage) => usage !== 'cert sign')
    const rsa = keyPem(await generateKey(kinds[4]!))
    const authorities: Authority[] = []
    for (const key of kinds)
      authorities.push(await issue({ request: parseRequest({ CN: `root ${key.algo} ${key.size}`, key }) }))
    const chains = new Map<Authority, string[]>()
    for (let round = 0; round < 400; round++) {
      const ca = pick(authorities)
      const key = pick(kinds)
      const request = parseRequest({
        CN: word(),
        key,
        hosts: Array.from({ length: roll(6) }, () =>
          pick([
            `h${roll(99)}.example`,
            `10.${roll(256)}.0.${roll(256)}`,
            `fd00:${roll(65_536).toString(16)}::${roll(9)}`,
            `u${roll(9)}@example.org`,
            `spiffe://d/${roll(99)}`,
          ]),
        ),
        names: Array.from({ length: roll(3) }, () => ({
          O: word(),
          OU: word(),
          L: word(),
          C: pick(['CN', 'DE', 'AT']),
        })),
      })
      const profile = { ...defaultProfile, usages: [pick(usages), pick(usages), 'digital signature'] }
      // Making an RSA key takes a hundred times as long as all the rest.
      const issued = await issue({ request, ca, profile, ...(key.algo === 'rsa' ? { keyPem: rsa } : {}) })
      const x509 = new X509Certificate(issued.certPem)
      expect(x509.verify(new X509Certificate(ca.certPem).publicKey), `round ${round}`).to.equal(true)
      expect(BigInt(`0x${x509.serialNumber}`) < 1n << 159n).to.equal(true)
      const facts = inspect(x509)
      expect(facts.subject.flat().find(({ type }) => type === 'CN')?.value).to.equal(request.CN)
      expect(
        reasonsToReissue({ ...issued, request, profile, caCertPem: ca.certPem, renewBefore: 0 }),
        `round ${round}`,
      ).to.deep.equal([])
      chains.set(ca, [...(chains.get(ca) ?? []), issued.certPem])
    }
    for (const [ca, certificates] of chains) {
      const files = certificates.map((text) => bench.write(text))
      const said = bench
        .openssl('verify', '-x509_strict', '-CAfile', bench.write(ca.certPem), ...files)
        .trim()
        .split('\n')
      expect(said.filter((line) => !line.endsWith(': OK'))).to.deep.equal([])
      expect(said).to.have.length(files.length)
    }
  })
})
