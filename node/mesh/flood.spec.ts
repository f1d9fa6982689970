import { connect, type Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import { expect } from 'chai'
import { toByteStream } from '../../protocols/streams/index.ts'
import { defaultLimits, withLimits } from '../limits.ts'
import { Field, until } from './mesh.fixture.ts'

const protocol = '/test/endless/1.0.0'
const chunk = new Uint8Array(64 * 1024)

describe('a mesh under attack', () => {
  let field: Field
  let sockets: Socket[]
  beforeEach(() => {
    field = new Field()
    sockets = []
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await field.close()
  })

  const idleSockets = async (port: number, count: number) => {
    await Promise.all(
      Array.from({ length: count }, async () => {
        const socket = connect({ port, host: '127.0.0.1' })
        sockets.push(socket)
        socket.on('error', () => {})
        await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
      })
    )
  }

  const portOf = (address: string | undefined) => Number(address?.split('/')[4])

  it('lets honest peers in while idle sockets pile up, and keeps few of those', async () => {
    const victim = await field.mesh()
    await idleSockets(portOf(victim.addresses()[0]), 300)
    const open = () => sockets.filter(socket => !socket.destroyed && socket.readyState === 'open').length
    await until(() => open() <= victim.limits.maxPendingPerAddress)
    const honest = await Promise.all([field.mesh(), field.mesh(), field.mesh()])
    const bootstrap = victim.addresses().slice(0, 1)
    for (const mesh of honest) {
      const dialler = await field.mesh({ bootstrap })
      await until(() => dialler.isConnected(victim.peer), 2000)
      expect(mesh.peer).to.not.equal(dialler.peer)
    }
    expect(open()).to.be.at.most(victim.limits.maxPendingPerAddress)
  })

  it('drops sockets that do not finish their handshake in time', async () => {
    const victim = await field.mesh({ limits: withLimits({ inboundUpgradeMs: 200 }) })
    await idleSockets(portOf(victim.addresses()[0]), 5)
    await until(() => sockets.every(socket => socket.destroyed || socket.readyState !== 'open'), 2000)
    expect(sockets).to.have.length(5)
  })

  it('resets a stream whose reader does not read, before it holds more than the limit', async () => {
    const victim = await field.mesh()
    const served = Promise.withResolvers<{ peak: number; failed: unknown }>()
    await victim.node.handle(protocol, stream => served.resolve(writeEndlessly(stream)))
    const { client, stream } = await slowReader(victim)
    const { peak, failed } = await served.promise
    expect(failed).to.be.instanceOf(Error)
    expect(peak).to.be.at.most(victim.limits.streamWriteBuffer + chunk.byteLength)
    await until(() => stream.status !== 'open')
    expect(client.isConnected(victim.peer)).to.equal(true)
  })

  for (const streamWriteBuffer of [defaultLimits.streamWriteBuffer, 2 * 1024 * 1024]) {
    it(`holds a stream of the kernel to the same limit (${streamWriteBuffer} bytes)`, async () => {
      const victim = await field.mesh({ limits: withLimits({ streamWriteBuffer }) })
      const served = Promise.withResolvers<{ peak: number; failed: unknown }>()
      await victim.node.handle(protocol, stream => {
        const bytes = toByteStream(stream)
        served.resolve(writeEndlessly(stream, () => void bytes.write(chunk)?.catch(() => {})))
      })
      await slowReader(victim)
      const { peak, failed } = await served.promise
      expect(failed).to.be.instanceOf(Error)
      expect(peak).to.be.at.most(streamWriteBuffer + chunk.byteLength)
    })
  }

  async function slowReader(victim: Awaited<ReturnType<Field['mesh']>>) {
    const client = await field.mesh({ bootstrap: victim.addresses().slice(0, 1) })
    await until(() => client.isConnected(victim.peer))
    const connection = await client.connect(victim.peer)
    const stream = await connection.newStream(protocol)
    // Not before data came: yamux forgets a pause when the other side's acknowledgement arrives
    await new Promise<void>(resolve => {
      stream.addEventListener('message', () => {
        stream.pause()
        resolve()
      })
    })
    return { client, stream }
  }
})

/** What a handler does that ignores that its reader cannot keep up; tells how much it could pile up. */
function writeEndlessly(
  stream: Stream,
  write: () => void = () => void stream.send(chunk)
): { peak: number; failed: unknown } {
  let peak = 0
  try {
    for (let i = 0; i < 10_000; i++) {
      write()
      peak = Math.max(peak, (stream as Stream & { writeBufferLength: number }).writeBufferLength)
    }
    return { peak, failed: undefined }
  } catch (failed) {
    return { peak, failed }
  }
}
