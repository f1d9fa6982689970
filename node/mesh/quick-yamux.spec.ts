import { streamPair } from '@libp2p/utils'
import { expect } from 'chai'
import { Uint8ArrayList } from 'uint8arraylist'
import { unreadBytes } from '../../protocols/core/index.ts'
import { quickYamux } from './quick-yamux.ts'

interface Decoding {
  readonly decoder: { emitFrames(bytes: Uint8Array | Uint8ArrayList): Iterable<{ data?: Uint8ArrayList }> }
}

/** A data frame of the first stream. */
function dataFrame(length: number): Uint8Array {
  const frame = new Uint8Array(12 + length).fill(5, 12)
  new DataView(frame.buffer).setUint32(4, 1)
  new DataView(frame.buffer).setUint32(8, length)
  return frame
}

describe('quick yamux', () => {
  it('has a buffer freed as soon as the data in it was spent', async () => {
    const [connection] = await streamPair()
    const muxer = quickYamux()().createStreamMuxer(connection as never) as unknown as Decoding
    const arrived = dataFrame(20_000)
    unreadBytes.freeWhenSpent(arrived)
    const [frame] = [...muxer.decoder.emitFrames(arrived)]
    const pieces = [...frame!.data!]
    expect(pieces.map(({ length }) => length)).deep.equal([20_000])
    for (const piece of pieces) unreadBytes.spend(piece)
    expect(arrived.length).equal(0)
  })

  it('frees nothing that somebody may read still', async () => {
    const [connection] = await streamPair()
    const muxer = quickYamux()().createStreamMuxer(connection as never) as unknown as Decoding
    const arrived = new Uint8ArrayList(dataFrame(20_000), dataFrame(20_000)).slice()
    unreadBytes.freeWhenSpent(arrived)
    const [first, second] = [...muxer.decoder.emitFrames(arrived)]
    for (const piece of first!.data!) unreadBytes.spend(piece)
    expect(second!.data!.subarray()).deep.equal(new Uint8Array(20_000).fill(5))
  })
})
