import { createSocket } from 'node:dgram'
import { expect } from 'chai'
import { Field, until } from './mesh.fixture.ts'

const isPossible = await hasMulticast()

describe('neighbours', () => {
  const here = isPossible ? it : it.skip
  here('on one network find each other without a bootstrap node', async () => {
    const field = new Field()
    try {
      const a = await field.twin({ mdns: true, host: '0.0.0.0' })
      const b = await field.twin({ mdns: true, host: '0.0.0.0' })
      await until(() => a.mesh.isConnected(b.mesh.peer) || b.mesh.isConnected(a.mesh.peer), 12_000)
      await until(() =>
        a.mesh.find(b.id).then(
          ({ devices }) => devices[0]?.device === b.mesh.peer,
          () => false
        )
      )
      expect((await b.mesh.find(a.id)).devices[0]?.device).to.equal(a.mesh.peer)
    } finally {
      await field.close()
    }
  })
})

/** Whether a datagram to the group of mDNS comes back to this machine; containers and some laptops do without. */
async function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    return await new Promise((resolve, reject) => {
      socket.on('error', reject).on('message', message => message.toString() === 'twin?' && resolve(true))
      setTimeout(() => resolve(false), 1000)
      socket.bind(5353, () => {
        socket.addMembership('224.0.0.251')
        socket.setMulticastLoopback(true)
        socket.send('twin?', 5353, '224.0.0.251')
      })
    })
  } catch {
    return false
  } finally {
    socket.close()
  }
}
