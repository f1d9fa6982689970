import { expect } from 'chai'
import { cleanName, freeName } from './clean-name.ts'
import { inviteLinkToText, textToInviteLink } from './invite-link.ts'

const id = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const token = Uint8Array.from({ length: 16 }, (_, i) => i * 16 + 3)

const head = Uint8Array.from({ length: 32 }, (_, i) => i * 7)

describe('invite links', () => {
  it('survive their text', () => {
    for (const link of [{ id }, { id, token }, { id, token, sequence: 1_790_000_000_000, head }]) {
      expect(textToInviteLink(inviteLinkToText(link))).to.deep.equal(link)
    }
  })

  it('are read with what a messenger puts around them and with parameters of later versions', () => {
    const text = inviteLinkToText({ id, token })
    expect(textToInviteLink(`  ${text}\n`)).to.deep.equal({ id, token })
    expect(textToInviteLink(text.replace('twin:', 'twin://'))).to.deep.equal({ id, token })
    expect(textToInviteLink(`${text}&new=1`)).to.deep.equal({ id, token })
  })

  it('are refused when they were cut or changed', () => {
    const text = inviteLinkToText({ id, token, sequence: 7, head })
    const odd = [
      '',
      'twin:',
      text.slice(0, 50),
      text.replace('t=', 't=A'),
      text.replace('s=7', 's=-7'),
      text.replace('h=', 'h=.'),
      `${text}${'x'.repeat(600)}`,
      'https://example.org'
    ]
    for (const link of odd)
      expect(() => textToInviteLink(link), link)
        .to.throw()
        .with.property('code', 'InvalidArgument')
  })
})

describe('names of contacts', () => {
  it('are what people see', () => {
    expect(cleanName('  Ada \u200b Love\u202elace ', id)).to.equal('Ada Lovelace')
    expect(cleanName('e\u0301', id)).to.equal('\u00e9')
    expect(cleanName('', id)).to.equal('twin-LvKXtf')
    expect(cleanName('12d3kooWsomething', id)).to.equal('twin-LvKXtf')
    expect(cleanName('👩‍🚀'.repeat(40), id).isWellFormed()).to.equal(true)
  })

  it('get the lowest number that is free', () => {
    const taken = new Set(['Ada', 'Ada 2'])
    expect(freeName('Ada', name => taken.has(name))).to.equal('Ada 3')
    expect(freeName('x'.repeat(64), name => name.length === 64 && !name.endsWith('2'))).to.equal(`${'x'.repeat(62)} 2`)
  })
})
