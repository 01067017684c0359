import { expect } from 'chai'
import { Masker } from '../../engine/base/secret.ts'
import { Unknown } from '../../engine/base/unknown.ts'
import { processorTime } from '../processor-time.ts'
import { random } from '../random.ts'

const mask = '********'
const base64 = (text: string) => Buffer.from(text).toString('base64')

function masker(...secrets: string[]): Masker {
  const made = new Masker()
  for (const secret of secrets) made.add(secret)
  return made
}

describe('Masker', () => {
  const secret = "it's+a/secret?"
  const shown: [string, string, string][] = [
    ['as it is', `password ${secret} end`, `password ${mask} end`],
    ['in base64', base64(secret), mask],
    ['in JSON', JSON.stringify({ a: 'x"y\\z-quoted' }), JSON.stringify({ a: mask })],
    ['in a URL', `https://u:${encodeURIComponent(secret)}@h/`, `https://u:${mask}@h/`],
    ['in a shell word', "'it'\\''s+a/secret?'", `'${mask}'`],
    ['in a YAML word', "'it''s+a/secret?'", `'${mask}'`],
    ['overlapping another', 'abcdef', mask],
    ['twice without a gap', 'overovercdef', mask + mask],
    ['not at all', 'nothing to see', 'nothing to see'],
  ]
  const known = masker(secret, 'x"y\\z-quoted', 'abcd', 'cdef', 'overover')
  for (const [how, text, masked] of shown) {
    it(`masks a secret ${how}`, () => expect(known.text(text)).to.equal(masked))
  }

  it('masks a password read from a file with its line end', () => {
    expect(masker('hunter\n').text('login hunter ok')).to.equal(`login ${mask} ok`)
  })

  it('masks base64 wherever the secret begins in it', () => {
    for (const before of ['', 'u', 'us', 'user:', 'admin:x']) {
      const text = base64(`${before}correct horse battery`)
      const left = masker('correct horse battery').text(text)
      expect(left, before).to.include(mask)
      expect(Buffer.from(left.replace(mask, ''), 'base64').toString('latin1')).not.to.include('orre')
    }
  })

  it('masks every line of a key, shown indented, but not its header', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n'
    const indented = key.replace(/^/gm, '+   ')
    expect(masker(key).text(indented)).to.equal(
      `+   -----BEGIN PRIVATE KEY-----\n+   ${mask}\n+   ${mask}\n+   -----END PRIVATE KEY-----\n+   `,
    )
  })

  it('leaves secrets of three characters and fewer alone', () =>
    expect(masker('abc', '', ' \n').text('abc  \n')).to.equal('abc  \n'))

  it('masks data: keys, values, numbers, what is unknown; and leaves the original', () => {
    const data = {
      list: ['hunter22', { hunter22: 123456 }],
      unknown: new Unknown('output of hunter22'),
      n: 1,
      nil: null,
    }
    const masked = masker('hunter22', '123456').data(data)
    expect(masked).to.deep.equal({
      list: [mask, { [mask]: mask }],
      unknown: new Unknown(`output of ${mask}`),
      n: 1,
      nil: null,
    })
    expect(data.list[0]).to.equal('hunter22')
  })

  it('masks objects without a prototype', () => {
    const bare = Object.assign(Object.create(null), { token: 'hunter22' })
    expect(masker('hunter22').data(bare)).to.deep.equal({ token: mask })
  })

  it('takes any text as a secret, half surrogates and patterns too', () => {
    const odd = 'a(b*[c\ud800$&.+\\'
    expect(masker(odd).text(`<${odd}>`)).to.equal(`<${mask}>`)
  })

  it('never lets a secret through (fuzz)', () => {
    const { int, pick } = random(7)
    const alphabet = ['a', 'b', 'ab', '\n', ' ', "'", '"', '\\', '$', '.', 'é', '😀', '/', '+', '%', '-']
    const word = () => Array.from({ length: int(4, 14) }, () => pick(alphabet)).join('')
    const forms = [
      (text: string) => text,
      base64,
      (text: string) => JSON.stringify(text),
      (text: string) => encodeURIComponent(text),
      (text: string) => text.replaceAll("'", "'\\''"),
    ]
    for (let round = 0; round < 400; round++) {
      const secrets = Array.from({ length: int(1, 4) }, word).filter((text) => text.trim().length >= 4)
      const made = masker(...secrets)
      const text = Array.from({ length: int(1, 6) }, () =>
        int(0, 2) ? pick(forms)(pick([...secrets, 'z'])) : word(),
      ).join('')
      const masked = made.text(text)
      for (const hidden of secrets) {
        expect(masked, JSON.stringify({ secrets, text })).not.to.include(hidden)
        expect(masked).not.to.include(JSON.stringify(hidden).slice(1, -1))
      }
      expect(made.text(masked), 'masking twice').to.equal(masked)
    }
  })

  it('masks a megabyte of output in well under a second', () => {
    const key = Array.from({ length: 40 }, (_, index) => base64(`line ${index} of a key, long enough to be one`)).join(
      '\n',
    )
    const made = masker(key, 'hunter22')
    const output = `some line of output without anything\nhunter22 here\n`.repeat(20_000)
    const started = processorTime()
    expect(made.text(output)).not.to.include('hunter22')
    expect(processorTime() - started).to.be.lessThan(1500)
  })
})

describe('Masker.cover', () => {
  it('keeps every character in its place', () => {
    const made = new Masker()
    made.add('hunter22')
    expect(made.cover('a: hunter22 # b')).to.equal('a: ******** # b')
    expect(made.cover('a: hunter22hunter22')).to.have.length('a: hunter22hunter22'.length)
    expect(made.cover('nothing')).to.equal('nothing')
  })
})
