import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { drawConsoleLink } from './console-link.ts'
import { Output } from './output.ts'

async function shown(link: string): Promise<string> {
  const stdout = new PassThrough()
  const out = new Output(
    { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {}, cwd: '/', isInForeground: () => true },
    false
  )
  await drawConsoleLink('Open this', link, out)
  return String(stdout.read())
}

describe('a link to the console at a terminal', () => {
  for (const host of ['127.0.0.1:4180', 'localhost:4180', '[::1]:4180']) {
    it(`is for this machine at ${host}: no code for a phone, and what to do for one`, async () => {
      const text = await shown(`http://${host}/#pair/abc`)
      expect(text).to.include(`http://${host}/#pair/abc`).and.include('on this machine').and.include('--console-url')
      expect(text).not.to.match(/[▀▄█]{8}/)
    })
  }

  it('is a QR code as well where the console is hosted for others', async () => {
    const text = await shown('https://console.example.org/#pair/abc')
    expect(text)
      .to.match(/[▀▄█]{8}/)
      .and.include('https://console.example.org/#pair/abc')
    expect(text).not.to.include('on this machine')
  })
})
