import { Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { LengthPrefixedDecoder } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { expect } from 'chai'
import fc from 'fast-check'
import { createLibp2p, type Libp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { frameLength, quickNoise } from './quick-noise.ts'

describe('quick Noise', () => {
  const nodes: Libp2p[] = []
  const node = async (encrypter: typeof noise): Promise<Libp2p> => {
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

  it('reads a length wherever it is cut, and no number while it is not there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 8 }), fc.nat(8), (bytes, cut) => {
        const expected = new DataView(bytes.buffer, bytes.byteOffset).getUint16(0)
        const at = Math.min(cut, bytes.length)
        expect(frameLength(bytes)).equal(expected)
        expect(frameLength(new Uint8ArrayList(bytes.subarray(0, at), bytes.subarray(at)))).equal(expected)
      })
    )
    expect(frameLength(new Uint8Array(1))).NaN
    expect(frameLength(new Uint8ArrayList())).NaN
  })

  it('puts frames together that come in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (frames, step) => {
          const bytes = new Uint8ArrayList()
          for (const frame of frames) bytes.append(new Uint8Array([frame.length >> 8, frame.length & 255]), frame)
          const decoder = new LengthPrefixedDecoder({ lengthDecoder: frameLength, encodingLength: () => 2 })
          const read: Uint8Array[] = []
          for (let at = 0; at < bytes.length; at += step) {
            const piece = bytes.slice(at, Math.min(bytes.length, at + step))
            for (const frame of decoder.decode(piece)) read.push(frame.subarray())
          }
          expect(read).deep.equal(frames)
        }
      )
    )
  })
})
