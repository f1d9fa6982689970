import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { createLibp2p } from 'libp2p'
import { type Bootstrap, createBootstrap } from './index.ts'
import { bootstrapLimits } from './limits.ts'

describe('bootstrap node', () => {
  let home: string
  const running: (Bootstrap | ChildProcess)[] = []
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'twin-bootstrap-'))
  })
  afterEach(async () => {
    for (const one of running.splice(0)) await ('stop' in one ? one.stop() : one.kill('SIGKILL'))
    await rm(home, { recursive: true, force: true })
  })
  const start = async (port = 0) => {
    const bootstrap = await createBootstrap({ home, port, host: '127.0.0.1' })
    running.push(bootstrap)
    return bootstrap
  }

  it('keeps its key and its WebSocket address over a restart, the key for its owner only', async () => {
    const first = await start()
    const wsOf = (bootstrap: Bootstrap) => bootstrap.addresses().find(address => address.includes('/ws/'))
    const ws = wsOf(first)
    await first.stop()
    await first.stop()
    const second = await start(first.stunPort)
    expect(second.peer).to.equal(first.peer)
    expect(wsOf(second)).to.equal(ws)
    expect((await stat(join(home, 'key'))).mode & 0o777).to.equal(0o600)
    expect(second.addresses()).to.include(`/ip4/127.0.0.1/tcp/${first.stunPort}/p2p/${first.peer}`)
  })

  it('tells a client by STUN from which address and port it came', async () => {
    const { stunPort } = await start()
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    const answer = once(socket, 'message')
    socket.send(
      Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12).fill(9)]),
      stunPort,
      '127.0.0.1'
    )
    const [response] = await answer
    const view = new DataView(response.buffer, response.byteOffset, response.byteLength)
    expect(view.getUint16(0)).to.equal(0x0101)
    expect(view.getUint16(26) ^ 0x2112).to.equal(socket.address().port)
    expect(view.getUint32(28) ^ 0x2112a442).to.equal(0x7f000001)
    socket.close()
  })

  it('answers few STUN requests a second to one address', async () => {
    const { stunPort } = await start()
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    let answers = 0
    socket.on('message', () => answers++)
    const request = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12)])
    for (let i = 0; i < 100; i++) {
      await new Promise(resolve => socket.send(request, stunPort, '127.0.0.1', resolve))
    }
    while (answers < bootstrapLimits.stunPerAddress) await once(socket, 'message')
    // A second may have begun while the hundred were sent
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
    expect(answers).to.be.at.most(bootstrapLimits.stunPerAddress * 2)
    socket.close()
  })

  it('lets honest peers in while idle sockets of one address pile up, and keeps few of those', async () => {
    const { stunPort: port } = await start()
    const sockets = Array.from({ length: 90 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}))
    for (const socket of sockets) running.push({ stop: async () => void socket.destroy() } as Bootstrap)
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    let closed = 0
    const isEnough = new Promise<void>(resolve => {
      for (const socket of sockets) {
        socket.on('close', () => ++closed === 90 - bootstrapLimits.maxPendingPerAddress && resolve())
        socket.resume()
      }
    })
    const began = performance.now()
    await isEnough
    expect(performance.now() - began).to.be.lessThan(bootstrapLimits.inboundUpgradeMs - 500)
    const peer = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    })
    running.push({ stop: async () => await peer.stop() } as Bootstrap)
    const connection = await peer.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`))
    expect(connection.status).to.equal('open')
  })

  it('prints its limits, each with a reason', async () => {
    const { child, line } = await run(['--limits', '--json'])
    expect(JSON.parse(line.split('\n')[0]!)).to.deep.include({ name: 'maxConnections', value: '1,000 connections' })
    expect(line.trim().split('\n')).to.have.length(Object.keys(bootstrapLimits).length)
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).to.equal(0)
  })

  it('says which port is taken and which home is in use', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const taken = await start(port).catch(error => error)
    expect(taken).to.have.property('code', 'PortTaken')
    expect(taken.message).to.include(String(port))
    server.close()
    await start()
    expect((await start().catch(error => error)).message).to.include('in use by another process')
  })

  it('prints one line when it serves, and ends when it is told to', async () => {
    const { child, line } = await run(['--home', home, '--port', '0', '--host', '127.0.0.1', '--json'])
    const { peer, addresses } = JSON.parse(line)
    expect(peer).to.match(/^12D3KooW/)
    expect(addresses[0]).to.match(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3KooW/)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).to.deep.equal([0, null])
  })

  it('says with --json what failed in one object with a next step', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = String(typeof address === 'object' ? address?.port : 0)
    for (const [args, error, next] of [
      [['--prot', '1'], 'Usage', /--help/],
      [['--home', home, '--host', '127.0.0.1', '--port', port], 'PortTaken', /--port/]
    ] as const) {
      const { child } = await run([...args, '--json'], false)
      const [data] = await once(child.stderr!, 'data')
      const failure = JSON.parse(String(data))
      expect(Object.keys(failure)).to.deep.equal(['error', 'message', 'next'])
      expect(failure.error).to.equal(error)
      expect(failure.next).to.match(next)
    }
    server.close()
  })

  it('explains wrong usage with exit code 2', async () => {
    const { child } = await run(['--prot', '1'], false)
    const [code] = await once(child, 'exit')
    expect(code).to.equal(2)
    const bad = await run(['--port', 'x'], false)
    expect((await once(bad.child, 'exit'))[0]).to.equal(2)
  })

  /** `twin-bootstrap` as a process of its own, by way of this build. */
  async function run(args: readonly string[], isWaiting = true): Promise<{ child: ChildProcess; line: string }> {
    const main = JSON.stringify(new URL('./main.js', import.meta.url).href)
    const script = `import { main } from ${main}; process.exitCode = await main(process.argv.slice(1))`
    const shim = fileURLToPath(new URL('node/scripts/node20-shim.mjs', `file://${process.cwd()}/`))
    const child = spawn(process.execPath, ['--import', shim, '--input-type=module', '-e', script, '--', ...args])
    running.push(child)
    if (!isWaiting) return { child, line: '' }
    const [data] = await once(child.stdout, 'data')
    return { child, line: String(data) }
  }
})
