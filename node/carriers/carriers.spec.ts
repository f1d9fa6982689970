import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import carrierCompliance from '../../protocols/core/carrier-compliance.ts'
import { libp2pChannel, registerServer } from '../../protocols/streams/index.ts'
import { serveUnixSocket, unixSocketChannel } from './unix-socket.ts'

describe('unixSocketChannel()', () => {
  carrierCompliance({
    connect: async (server, caller) => {
      const folder = await mkdtemp(join(tmpdir(), 'twin-'))
      const served = await serveUnixSocket(join(folder, 'control.sock'), server, caller)
      const channel = unixSocketChannel(join(folder, 'control.sock'))
      return {
        channel,
        close: async () => {
          await channel.close()
          await served.close()
          await rm(folder, { recursive: true })
        }
      }
    }
  })
})

describe('libp2pChannel() over TCP', () => {
  let answering: Libp2p
  let calling: Libp2p
  before(async () => {
    answering = await createNode(['/ip4/127.0.0.1/tcp/0'])
    calling = await createNode([])
  })
  after(async () => {
    await calling.stop()
    await answering.stop()
  })

  carrierCompliance({
    connect: async (server, caller) => {
      const unregister = await registerServer(answering, server, () => caller)
      const channel = libp2pChannel(calling, await calling.dial(answering.getMultiaddrs()))
      return {
        channel,
        close: async () => {
          await channel.close()
          await unregister()
        }
      }
    }
  })
})

function createNode(listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1 << 20 } })]
  })
}
