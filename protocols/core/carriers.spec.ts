import { MessageChannel } from 'node:worker_threads'
import carrierCompliance from './carrier-compliance.ts'
import { channelPair, forwardMessagePort, messagePortChannel, serveMessagePort } from './index.ts'

describe('channelPair()', () => {
  carrierCompliance({
    connect: async (server, caller) => {
      const channel = channelPair(server, caller)
      return { channel, close: () => channel.close() }
    }
  })
})

describe('messagePortChannel()', () => {
  carrierCompliance({
    connect: async (server, caller) => {
      const { port1, port2 } = new MessageChannel()
      const stop = serveMessagePort(port1 as unknown as MessagePort, server, caller)
      const channel = messagePortChannel(port2 as unknown as MessagePort)
      return {
        channel,
        close: async () => {
          await channel.close()
          stop()
          port1.close()
        }
      }
    }
  })
})

describe('forwardMessagePort()', () => {
  carrierCompliance({
    connect: async (server, caller) => {
      const { port1, port2 } = new MessageChannel()
      const behind = channelPair(server, caller)
      const stop = forwardMessagePort(port1 as unknown as MessagePort, behind)
      const channel = messagePortChannel(port2 as unknown as MessagePort)
      return {
        channel,
        close: async () => {
          await channel.close()
          stop()
          await behind.close()
          port1.close()
        }
      }
    }
  })
})
