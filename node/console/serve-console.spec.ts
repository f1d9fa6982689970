import { type AddressInfo, connect, createServer } from 'node:net'
import { expect } from 'chai'
import { type ConsoleServer, serveConsole } from './serve-console.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const page = { type: 'text/html; charset=utf-8', body: encode('<!doctype html>hello'), isImmutable: false }
const script = { type: 'text/javascript; charset=utf-8', body: encode('export {}'), isImmutable: true }
const files = new Map([
  ['/', page],
  ['/index.html', page],
  ['/app-ABCDEFGH.js', script]
])
/** All there are, and some that there are not */
const routes = [...files.keys(), '/nothing', '/api', '/twin']

describe('the server of the console', function () {
  this.timeout(60_000)
  let served: ConsoleServer
  let own: string
  before(async () => {
    served = await serveConsole({ files, port: 0 })
    own = `127.0.0.1:${served.port}`
  })
  after(async () => {
    await served.close()
  })

  /** What comes back for these bytes, until the server ends the connection. */
  function raw(text: string): Promise<string> {
    return new Promise(resolve => {
      let answer = ''
      const socket = connect(served.port, '127.0.0.1', () => socket.write(text))
      socket.on('data', bytes => {
        answer += bytes
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(answer))
    })
  }
  /** Says this, and tears the connection down without an end. */
  function reset(text: string): Promise<void> {
    return new Promise(resolve => {
      const socket = connect(served.port, '127.0.0.1', () => socket.write(text, () => socket.resetAndDestroy()))
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  }
  const request = (path: string, headers: readonly string[], method = 'GET') =>
    raw(`${method} ${path} HTTP/1.1\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`)
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

  it('serves its files under each of its own names, and they may be kept by what they are', async () => {
    for (const host of [own, `localhost:${served.port}`, `LOCALHOST:${served.port}`, `[::1]:${served.port}`]) {
      const answer = await request('/', [`host: ${host}`])
      expect(statusOf(answer), host).equal(200)
      expect(answer).include('hello').include('cache-control: no-cache')
    }
    const answer = await request('/app-ABCDEFGH.js?x=1', [`host: ${own}`])
    expect(answer).include('immutable').include('text/javascript').include('export {}')
    expect(await request('/', [`host: ${own}`], 'HEAD')).not.include('hello')
    const tag = /etag: (\S+)/.exec(answer)?.[1]
    expect(statusOf(await request('/app-ABCDEFGH.js', [`host: ${own}`, `if-none-match: ${tag}`]))).equal(304)
  })

  it('a page that was rebound to this address gets nothing: 0 of all names × all routes', async () => {
    const names = [
      'evil.test',
      `evil.test:${served.port}`,
      `127.0.0.1.evil.test:${served.port}`,
      `localhost.evil.test:${served.port}`,
      `127.0.0.1:${served.port}.evil.test`,
      `127.0.0.1:${served.port + 1}`,
      '127.0.0.1',
      `127.1:${served.port}`,
      `2130706433:${served.port}`,
      `0.0.0.0:${served.port}`,
      `[::ffff:127.0.0.1]:${served.port}`,
      `user@127.0.0.1:${served.port}`,
      ''
    ]
    let accepted = 0
    for (const name of names) {
      for (const path of routes) {
        const answer = await request(path, [`host: ${name}`])
        if (statusOf(answer) !== 421) accepted++
        expect(answer).not.include('hello').not.include('export')
      }
    }
    for (const headers of [[], [`host: ${own}`, 'host: evil.test'], ['host: evil.test', `host: ${own}`]]) {
      if (![400, 421].includes(statusOf(await request('/', headers)))) accepted++
    }
    // The whole address in the request line does not speak louder than the header
    if (statusOf(await request(`http://${own}/`, ['host: evil.test'])) !== 421) accepted++
    expect(accepted).equal(0)
  })

  it('requests of other sites get nothing, a link to the page does', async () => {
    const foreign = [
      ['origin: http://evil.test'],
      ['origin: null'],
      [`origin: http://127.0.0.1:${served.port + 1}`],
      [`origin: https://${own}`],
      [`origin: http://${own}.evil.test`],
      ['sec-fetch-site: cross-site', 'sec-fetch-mode: no-cors', 'sec-fetch-dest: script'],
      ['sec-fetch-site: same-site', 'sec-fetch-mode: cors', 'sec-fetch-dest: empty'],
      ['sec-fetch-site: cross-site', 'sec-fetch-mode: navigate', 'sec-fetch-dest: iframe']
    ]
    for (const headers of foreign) {
      for (const path of routes) {
        expect(statusOf(await request(path, [`host: ${own}`, ...headers])), `${path} ${headers}`).equal(403)
      }
    }
    const link = ['sec-fetch-site: cross-site', 'sec-fetch-mode: navigate', 'sec-fetch-dest: document']
    expect(statusOf(await request('/', [`host: ${own}`, ...link]))).equal(200)
    expect(statusOf(await request('/', [`host: ${own}`, `origin: http://${own}`]))).equal(200)
  })

  it('takes no upgrade, tunnel, other method or body', async () => {
    const upgrade = [
      `host: ${own}`,
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='
    ]
    for (const origin of ['http://evil.test', `http://${own}`]) {
      const text = `GET / HTTP/1.1\r\n${[...upgrade, 'connection: upgrade', `origin: ${origin}`].join('\r\n')}\r\n\r\n`
      expect(statusOf(await raw(text))).equal(400)
    }
    expect(statusOf(await raw(`CONNECT ${own} HTTP/1.1\r\nhost: ${own}\r\n\r\n`))).equal(405)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      expect(statusOf(await request('/', [`host: ${own}`], method)), method).equal(405)
    }
    expect(statusOf(await raw(`GET / HTTP/1.1\r\nhost: ${own}\r\ncontent-length: 5\r\n\r\nhello`))).equal(413)
    const chunked = `GET / HTTP/1.1\r\nhost: ${own}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`
    expect(statusOf(await raw(chunked))).equal(413)
    const both = `GET / HTTP/1.1\r\nhost: ${own}\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`
    expect(statusOf(await raw(both))).equal(400)
  })

  it('an upgrade or a tunnel whose asker is gone at once ends nothing, and the next visitor is served', async () => {
    const upgrade = `GET / HTTP/1.1\r\nhost: ${own}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`
    const tunnel = `CONNECT ${own} HTTP/1.1\r\nhost: ${own}\r\n\r\n`
    for (let round = 0; round < 16; round++) {
      await Promise.all([upgrade, tunnel].map(reset))
      expect((await fetch(served.url)).status).equal(200)
    }
  })

  it('no path leaves the files', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/..\\package.json',
      '//etc/passwd',
      '/index.html/../../package.json',
      '/index.html%00.js',
      '/./',
      '*',
      '/constructor',
      '/__proto__'
    ]
    for (const path of paths) expect(statusOf(await request(path, [`host: ${own}`])), path).equal(404)
  })

  it('too much and no http at all end, and the next visitor is served', async () => {
    expect(statusOf(await request(`/${'a'.repeat(80_000)}`, [`host: ${own}`]))).equal(400)
    expect(statusOf(await request('/', [`host: ${own}`, `x: ${'a'.repeat(80_000)}`]))).equal(400)
    expect(statusOf(await raw('\x16\x03\x01\x02\x00\x01\x00'))).equal(400)
    expect((await fetch(served.url)).status).equal(200)
  })

  it('whoever says nothing, or does not get to the end of it, is left without a byte', async () => {
    const answers = await Promise.all(['', `GET / HTTP/1.1\r\nhost: ${own}\r\n`].map(raw))
    expect(answers).deep.equal(['', ''])
    expect((await fetch(served.url)).status).equal(200)
  })

  it('answers a browser that brings the cookies of every other program of this machine', async () => {
    const cookies = Array.from({ length: 12 }, (_, at) => `other-${at}=${'x'.repeat(4000)}`).join('; ')
    expect(await request('/', [`host: ${own}`, `cookie: ${cookies}`])).include('hello')
  })

  it('tells browsers to run nothing but its own scripts, and to show it nowhere else', async () => {
    const { headers } = await fetch(served.url)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).include("default-src 'none'").include("script-src 'self'").include("frame-ancestors 'none'")
    expect(policy)
      .include("require-trusted-types-for 'script'")
      .not.match(/unsafe|data:|https?:|\*/)
    expect(headers.get('x-content-type-options')).equal('nosniff')
    expect(headers.get('cross-origin-opener-policy')).equal('same-origin')
    expect(headers.get('cross-origin-resource-policy')).equal('same-origin')
    expect(headers.get('referrer-policy')).equal('no-referrer')
    expect([...headers.keys()].filter(name => /^(access-control|set-cookie|server|x-powered)/.test(name))).deep.equal(
      []
    )
  })

  it('takes another port when its own is taken', async () => {
    const other = await serveConsole({ files, port: served.port })
    try {
      expect(other.port).not.equal(served.port)
      expect((await fetch(other.url)).status).equal(200)
    } finally {
      await other.close()
    }
  })

  it('leaves a port of which another program has the IPv6 half: a browser would find that one at localhost', async () => {
    const other = createServer(socket => socket.destroy())
    await new Promise<void>((resolve, reject) => other.on('error', reject).listen({ host: '::1', port: 0 }, resolve))
    const { port } = other.address() as AddressInfo
    const moved = await serveConsole({ files, port })
    try {
      expect(moved.port).not.equal(port)
      for (const host of ['127.0.0.1', '[::1]']) {
        expect(await (await fetch(`http://${host}:${moved.port}/`)).text(), host).include('hello')
      }
      expect(await fetch(`http://127.0.0.1:${port}/`).catch(error => error)).instanceOf(TypeError)
    } finally {
      await moved.close()
      await new Promise(resolve => other.close(resolve))
    }
  })

  it('answers in the local network only when asked to, and only to addresses of this machine', async () => {
    const other = await serveConsole({ files, port: 0, listen: '0.0.0.0' })
    try {
      expect((await fetch(`http://127.0.0.1:${other.port}/`)).status).equal(200)
      expect((await fetch(`http://127.0.0.2:${other.port}/`)).status).equal(421)
    } finally {
      await other.close()
    }
    const failed = await fetch(`http://127.0.0.2:${served.port}/`).catch(error => error)
    expect(failed).instanceOf(TypeError)
  })
})
