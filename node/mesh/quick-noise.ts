import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto'
import { Uint8ArrayList } from 'uint8arraylist'
import { freeBytes, unreadBytes, unsentBytes } from '../../protocols/core/index.ts'
import { NoiseFrames } from './noise-frames.ts'
import { StayAwake } from './stay-awake.ts'

type Bytes = Uint8Array | Uint8ArrayList

/** What of the stream that Noise returns is replaced; it has it beside its interface. */
interface EncryptedStream {
  encrypt(chunk: Bytes): Uint8ArrayList
  decrypt(frame: Bytes): Uint8ArrayList
  readonly handshake: { decrypt(frame: Bytes): Bytes }
  decoder: { readonly buffer: Uint8ArrayList } | NoiseFrames
  /** The connection below; that of TCP has its socket */
  readonly stream: { readonly socket?: unknown; sendData?(data: Uint8ArrayList): SendResult }
}

interface SendResult {
  readonly sentBytes: number
  readonly canSendMore: boolean
}

/** More than this is not copied together: a socket takes the pieces in one call, other connections one by one. */
const maxJoined = 16 * 1024
const maxJoinedElsewhere = 256 * 1024
/** From here on Noise decrypts with Node's cipher, which needs no place for the result. */
const leastNative = 1200

const ofProcess = new StayAwake()

/**
 * Noise as libp2p has it, the same on the wire, without seven costs:
 *
 * - On Node 20 importing the keys for each of the three agreements of a handshake takes 0.6 ms, half the CPU of a connection:
 *   our own are kept as they were made, and theirs come as a JWK.
 * - The two bytes of a frame's length are a write of their own to the socket, with a packet and a system call for each: length
 *   and frame are written together.
 * - The end of what arrived is found by an exception, 20 µs with its stack, for every packet: `NoiseFrames` throws none.
 * - A socket's `write` answers that it is full after each frame, and the rest waits for `drain` through four layers: all frames
 *   of a message go down in one call, so that what waits is one message of the muxer at most.
 * - A place for each decrypted frame is made by copying it, which Node's cipher then leaves unused.
 * - What came from the socket and what went to it is left to the collector, which a large transfer then keeps busy: both are freed.
 * - Between calls that follow one another at once both ends sleep: see `StayAwake`, one for all connections of the process.
 */
export function quickNoise(stayAwake: Pick<StayAwake, 'sent'> = ofProcess): ReturnType<typeof noise> {
  const make = noise({ crypto: { ...defaultCrypto, generateX25519KeyPair, generateX25519SharedKey } })
  return components => {
    const encrypter = make(components)
    const { secureInbound, secureOutbound } = encrypter
    encrypter.secureInbound = async (...args) => quicken(await secureInbound.apply(encrypter, args), stayAwake)
    encrypter.secureOutbound = async (...args) => quicken(await secureOutbound.apply(encrypter, args), stayAwake)
    return encrypter
  }
}

function quicken<T extends { connection: object }>(secured: T, stayAwake: Pick<StayAwake, 'sent'>): T {
  const stream = secured.connection as EncryptedStream
  const hasSocket = writeTogether(stream.stream, stayAwake)
  const { buffer: buffered } = stream.decoder as { readonly buffer: Uint8ArrayList }
  // Of what a socket gave, nobody else holds anything
  stream.decoder = new NoiseFrames({ buffered, isOwner: hasSocket, inPlaceBelow: leastNative })
  const most = hasSocket ? maxJoined : maxJoinedElsewhere
  const encrypt = stream.encrypt.bind(stream)
  stream.encrypt = chunk => {
    const pieces = encrypt(chunk)
    for (const piece of chunk instanceof Uint8Array ? [chunk] : chunk) unsentBytes.spend(piece)
    return pieces.length > most ? pieces : new Uint8ArrayList(pieces.subarray())
  }
  const decrypt = stream.decrypt.bind(stream)
  stream.decrypt = frame => {
    if (frame.length < leastNative) return decrypt(frame)
    const pieces = new Uint8ArrayList(stream.handshake.decrypt(frame))
    for (const piece of pieces) unreadBytes.freeWhenSpent(piece)
    return pieces
  }
  return secured
}

/** Has a connection give its socket all pieces at once, if it has a socket, and free those that were written. */
function writeTogether(connection: EncryptedStream['stream'], stayAwake: Pick<StayAwake, 'sent'>): boolean {
  const { socket } = connection
  if (!(socket instanceof Socket)) return false
  connection.sendData = data => {
    let canSendMore = true
    socket.cork()
    const sentBytes = data.byteLength
    for (const piece of data) canSendMore = socket.write(piece, () => freeBytes(piece))
    socket.uncork()
    stayAwake.sent()
    return { sentBytes, canSendMore }
  }
  return true
}

/** Private keys by the bytes that stand for them in Noise's hands */
const kept = new WeakMap<Uint8Array, KeyObject>()

function generateX25519KeyPair(): { publicKey: Uint8Array; privateKey: Uint8Array } {
  const pair = generateKeyPairSync('x25519')
  const { d, x } = pair.privateKey.export({ format: 'jwk' })
  const privateKey = Buffer.from(d!, 'base64url')
  kept.set(privateKey, pair.privateKey)
  return { publicKey: Buffer.from(x!, 'base64url'), privateKey }
}

function generateX25519SharedKey(secret: Bytes, other: Bytes): Uint8Array {
  const privateKey = secret instanceof Uint8Array ? kept.get(secret) : undefined
  // A key that was not made here, as Noise never hands us
  if (privateKey === undefined) return defaultCrypto.generateX25519SharedKey(secret, other)
  const x = Buffer.from(other.subarray()).toString('base64url')
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
  return diffieHellman({ privateKey, publicKey })
}
