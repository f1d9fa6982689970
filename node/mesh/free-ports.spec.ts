import { createSocket } from 'node:dgram'
import { expect } from 'chai'
import { claimPort, claimWsPort } from './free-ports.ts'
import { PortTakenError } from './index.ts'

describe('ports', () => {
  it('are free for TCP and UDP when any will do, and none that a connection going out is given', async () => {
    for (let i = 0; i < 20; i++) expect(await claimPort('127.0.0.1', 0, true)).to.be.within(20_000, 31_999)
  })

  it('say which protocol is in the way', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    const error = await claimPort('127.0.0.1', port, true).catch(reason => reason)
    expect(error).to.be.instanceOf(PortTakenError)
    expect(error).to.include({ port, protocol: 'UDP' })
    expect(await claimPort('127.0.0.1', port, false)).to.equal(port)
    socket.close()
  })

  it('for WebSockets stay clear of twins on consecutive ports', async () => {
    for (let i = 0; i < 20; i++) {
      const port = 25_000 + i
      expect(Math.abs((await claimWsPort('127.0.0.1', port, port + 1)) - port)).to.be.at.least(100)
    }
  })
})
