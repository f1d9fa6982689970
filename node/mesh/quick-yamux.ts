import { yamux } from '@libp2p/yamux'
import type { Uint8ArrayList } from 'uint8arraylist'
import { unreadBytes } from '../../protocols/core/index.ts'
import { mendMuxer } from '../../protocols/streams/index.ts'

/** What of the muxer is replaced; it has it beside its interface. */
interface Muxer {
  readonly decoder: { readonly buffer: Uint8ArrayList; readFrame(): unknown }
}

const headerSize = 12

/** Yamux as libp2p has it, but the bytes of a header count as spent once it was read, so that the buffer around it can be freed. */
export function quickYamux(init?: Parameters<typeof yamux>[0]): ReturnType<typeof yamux> {
  return () => {
    const factory = mendMuxer(yamux(init)())
    const create = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = connection => {
      const muxer = create(connection)
      // Beside its interface
      spendHeaders((muxer as unknown as Muxer).decoder)
      return muxer
    }
    return factory
  }
}

function spendHeaders(decoder: Muxer['decoder']): void {
  const read = decoder.readFrame.bind(decoder)
  decoder.readFrame = () => {
    const header = decoder.buffer.length < headerSize ? undefined : decoder.buffer.sublist(0, headerSize)
    const frame = read()
    if (frame !== undefined && header !== undefined) for (const piece of header) unreadBytes.spend(piece)
    return frame
  }
}
