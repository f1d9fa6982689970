import { Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { expect } from 'chai'
import { createLibp2p, type Libp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { unsentBytes } from '../../protocols/core/index.ts'
import { quickNoise } from './quick-noise.ts'

describe('quick Noise', () => {
  const nodes: Libp2p[] = []
  const node = async (encrypter: () => ReturnType<typeof noise>): Promise<Libp2p> => {
    const made = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [encrypter()],
      streamMuxers: [yamux()]
    })
    nodes.push(made)
    return made
  }
  afterEach(async () => {
    for (const made of nodes.splice(0)) await made.stop()
  })

  for (const [name, dialler, listener] of [
    ['with itself', quickNoise, quickNoise],
    ['dialling the stock implementation', quickNoise, noise],
    ['dialled by the stock implementation', noise, quickNoise]
  ] as const) {
    it(`speaks ${name}, small frames and large`, async () => {
      const [from, to] = [await node(dialler), await node(listener)]
      await to.handle('/echo', stream => stream.addEventListener('message', ({ data }) => void stream.send(data)))
      const connection = await from.dial(to.getMultiaddrs())
      expect(connection.remotePeer.equals(to.peerId)).equal(true)
      const stream = await connection.newStream('/echo')
      for (const size of [1, 100, 1199, 1200, 70_000, 1_500_000]) {
        const sent = new Uint8Array(size).map((_, i) => i)
        const back = new Uint8ArrayList()
        await new Promise<void>(resolve => {
          const onMessage = ({ data }: { data: Uint8Array | Uint8ArrayList }) => {
            back.append(data)
            if (back.length < size) return
            stream.removeEventListener('message', onMessage)
            resolve()
          }
          stream.addEventListener('message', onMessage)
          stream.send(sent)
        })
        expect(back.subarray()).deep.equal(sent)
      }
    })
  }

  it('gives the socket all frames of a message in one call', async () => {
    const [from, to] = [await node(quickNoise), await node(quickNoise)]
    const size = 200_000
    const arrived = new Promise<void>(resolve => {
      let got = 0
      void to.handle('/take', stream =>
        stream.addEventListener('message', ({ data }) => {
          got += data.byteLength
          if (got === size) resolve()
        })
      )
    })
    const stream = await (await from.dial(to.getMultiaddrs())).newStream('/take')
    const calls: number[] = []
    const { prototype } = Socket
    const { _writev: write } = prototype
    prototype._writev = function (this: Socket, chunks, done) {
      calls.push(chunks.length)
      write!.call(this, chunks, done)
    }
    try {
      stream.send(new Uint8Array(size))
      await arrived
    } finally {
      prototype._writev = write
    }
    // Four frames of at most 65,519 bytes, with their lengths
    expect(Math.max(...calls)).greaterThanOrEqual(8)
  })

  it('says that something was sent, so that whoever is called at once stays awake', async () => {
    let sent = 0
    const awake = { sent: () => void sent++ }
    const [from, to] = [await node(() => quickNoise(awake)), await node(noise)]
    await to.handle('/echo', stream => stream.addEventListener('message', ({ data }) => void stream.send(data)))
    const stream = await (await from.dial(to.getMultiaddrs())).newStream('/echo')
    const before = sent
    for (let calls = 0; calls < 10; calls++) {
      const answered = new Promise(resolve => stream.addEventListener('message', resolve, { once: true }))
      stream.send(new Uint8Array(100))
      await answered
    }
    expect(sent - before).greaterThanOrEqual(10)
  })

  it('frees what was given away to be sent, once it is encrypted, and nothing else', async () => {
    const [from, to] = [await node(quickNoise), await node(quickNoise)]
    const [given, kept] = [new Uint8Array(300_000).fill(7), new Uint8Array(300_000).fill(8)]
    unsentBytes.freeWhenSpent(given)
    const arrived = new Promise<Uint8Array>(resolve => {
      const all = new Uint8ArrayList()
      void to.handle('/take', stream =>
        stream.addEventListener('message', ({ data }) => {
          all.append(data.slice())
          if (all.length === 600_000) resolve(all.subarray())
        })
      )
    })
    const stream = await (await from.dial(to.getMultiaddrs())).newStream('/take')
    for (const chunk of [given, kept]) stream.send(chunk)
    const both = await arrived
    expect([both[0], both[299_999], both[300_000], both[599_999]]).deep.equal([7, 7, 8, 8])
    expect([given.length, kept.length]).deep.equal([0, 300_000])
  })
})
