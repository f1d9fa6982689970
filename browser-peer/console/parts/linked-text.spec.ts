import { expect } from 'chai'
import { split } from './linked-text.tsx'

/** What is shown of each link, and the host that it leads to */
const links = (text: string) =>
  split(text).flatMap(({ text, href }) => (href === undefined ? [] : [[text, new URL(href).host]]))

describe('addresses in a text', () => {
  it('become links, without what ends a sentence behind them', () => {
    expect(links('See https://a.example/b?c=d#e, and (http://b.example:8080).')).deep.equal([
      ['https://a.example/b?c=d#e', 'a.example'],
      ['http://b.example:8080', 'b.example:8080']
    ])
    expect(split('no https://user@evil.example/ here').map(({ href }) => href)).deep.equal([undefined])
  })

  it('show the host that they lead to, however it was written', () => {
    const written = [
      // A Cyrillic letter
      'https://\u0430pple.com/login',
      'https://\u0430pple.com/xn--pple-43d.com',
      // Letters and signs that are read as a stop, or look like a slash
      'https://bank.example\u2024evil.example/',
      'https://bank.example\u3002evil.example/',
      'https://bank.example\u2215login.evil.example/',
      'https://bank.example\u2044x.evil.example',
      'https://bank.ex\ufe0fample/',
      'http://0x7f.1/',
      'HTTPS://Bank.Example/'
    ]
    for (const text of written) {
      for (const [shown, host] of links(text))
        expect(new RegExp(`^https?://${host}(/|$)`).test(shown!), text).equal(true)
    }
    expect(links(written[0]!)).deep.equal([['https://xn--pple-43d.com/login', 'xn--pple-43d.com']])
    expect(links('https://a.example/M\u00fcller')).deep.equal([['https://a.example/M\u00fcller', 'a.example']])
  })

  it('end before a character that nobody sees or that turns text around', () => {
    for (const unseen of ['\u00ad', '\u200b', '\u2060', '\u202e', '\u2066', '\ufeff']) {
      const text = `https://a.example/${unseen}b https://a.example${unseen}.b.example/`
      expect(links(text).map(([shown]) => shown)).deep.equal(['https://a.example/', 'https://a.example'])
      expect(
        split(text)
          .map(part => part.text)
          .join('')
      ).equal(text)
    }
  })
})
