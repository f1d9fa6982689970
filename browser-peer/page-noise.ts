import { noise } from '@libp2p/noise'
import { Uint8ArrayList } from 'uint8arraylist'

type Bytes = Uint8Array | Uint8ArrayList

/** What of the stream that Noise returns is replaced; it has it beside its interface. */
interface EncryptedStream {
  encrypt(chunk: Bytes): Uint8ArrayList
}

/** Longer ones are not copied together. */
const maxJoined = 64 * 1024

/**
 * Noise as libp2p has it, the same on the wire, but the two bytes of a frame's length and the frame are one message of the WebSocket, which costs
 * the page as much for two bytes as for a hundred.
 */
export function pageNoise(): ReturnType<typeof noise> {
  const make = noise()
  return components => {
    const encrypter = make(components)
    const { secureInbound, secureOutbound } = encrypter
    encrypter.secureInbound = async (...args) => joinFrames(await secureInbound.apply(encrypter, args))
    encrypter.secureOutbound = async (...args) => joinFrames(await secureOutbound.apply(encrypter, args))
    return encrypter
  }
}

function joinFrames<T extends { connection: object }>(secured: T): T {
  const stream = secured.connection as EncryptedStream
  const encrypt = stream.encrypt.bind(stream)
  stream.encrypt = chunk => {
    const pieces = encrypt(chunk)
    return pieces.length > maxJoined ? pieces : new Uint8ArrayList(pieces.subarray())
  }
  return secured
}
