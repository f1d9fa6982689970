import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { expect } from 'chai'
import { silentLogger } from '../../protocols/core/index.ts'
import { makeMesh } from './create-mesh.ts'
import { type HeldPort, holdPort, holdWsPort } from './free-ports.ts'
import { PortTakenError } from './index.ts'
import { Field } from './mesh.fixture.ts'

const host = '127.0.0.1'

describe('ports', () => {
  const field = new Field()
  const held: HeldPort[] = []
  const hold = async (holding: Promise<HeldPort>) => {
    const port = await holding
    held.push(port)
    return port
  }
  afterEach(async () => {
    for (const port of held.splice(0)) await port.release()
    await field.close()
  })

  it('are free for TCP and UDP when any will do, and none that a connection going out is given', async () => {
    for (let i = 0; i < 20; i++) expect((await hold(holdPort(host, 0, true))).port).to.be.within(20_000, 31_999)
    expect(new Set(held.map(({ port }) => port))).to.have.lengthOf(20)
  })

  it('say which protocol is in the way', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, host, resolve))
    const { port } = socket.address()
    const error = await holdPort(host, port, true).catch(reason => reason)
    expect(error).to.be.instanceOf(PortTakenError)
    expect(error).to.include({ port, protocol: 'UDP' })
    expect((await hold(holdPort(host, port, false))).port).to.equal(port)
    socket.close()
  })

  it('for WebSockets stay clear of twins on consecutive ports', async () => {
    for (let i = 0; i < 20; i++) {
      const port = 25_000 + i
      expect(Math.abs((await hold(holdWsPort(host, port, port + 1))).port - port)).to.be.at.least(100)
    }
  })

  it('that are chosen anew keep away from the one for WebSockets, which is kept then', async () => {
    const ws = 25_000
    for (let i = 0; i < 200; i++) {
      const { port, release } = await holdPort(host, 0, false, ws)
      await release()
      expect(Math.abs(port - ws)).to.be.at.least(100)
    }
  })

  it('that are held can be taken by nobody, for TCP or UDP, also while somebody calls, until they are released', async () => {
    const { port, release } = await holdPort(host, 0, true)
    expect(await holdPort(host, port, false).catch(error => error)).to.include({ port, protocol: 'TCP' })
    const socket = createSocket('udp4')
    const taken = await new Promise<unknown>(resolve =>
      socket.once('error', resolve).bind({ port, address: host, exclusive: true })
    )
    expect(taken).to.include({ code: 'EADDRINUSE' })
    socket.close()
    await new Promise<void>((resolve, reject) =>
      connect(port, host)
        .once('error', reject)
        .once('close', () => resolve())
    )
    await release()
    expect((await hold(holdPort(host, port, true))).port).to.equal(port)
  })

  it('that a mesh chose are its own from when it is made to when it stops, whether or not it started', async () => {
    const home = await field.folder()
    const init = {
      transportKey: new Uint8Array(32).fill(7),
      home,
      host,
      mdns: false,
      webrtc: false,
      log: silentLogger
    }
    const mesh = await makeMesh(init)
    const chosen = mesh.node.services.inner.components.addressManager
      .getListenAddrs()
      .map(address => Number(address.toString().split('/')[4]))
    expect(chosen).to.have.lengthOf(2)
    const tries = async () =>
      await Promise.all(chosen.map(async port => await holdPort(host, port, false).catch(error => error)))
    for (const error of await tries()) expect(error).to.be.instanceOf(PortTakenError)
    await mesh.start()
    for (const error of await tries()) expect(error).to.be.instanceOf(PortTakenError)
    await mesh.stop()
    const unstarted = await makeMesh(init)
    await unstarted.stop()
    for (const port of await tries()) await hold(Promise.resolve(port))
  })
})
