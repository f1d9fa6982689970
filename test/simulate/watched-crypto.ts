import { decode } from '../../crdt/codec.ts'
import type { Crypto } from '../../crdt/index.ts'
import { bytesToHex } from '../../crdt/log/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import type { Random } from './random.ts'
import type { RealWork } from './virtual-time.ts'

/** FORMATS §6 */
const entryVersion = 1
const entryFields = 11
const commitDomain = new TextEncoder().encode('twinmesh/commit/1\0')

/** The real primitives with chance from the seed. What WebCrypto does outside of the process is done one after the other. */
export function realCrypto(random: Random): Crypto & RealWork {
  const crypto = nodeCrypto()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    waiting++
    const turn = last.then(run)
    last = turn.catch(() => {}).finally(() => waiting--)
    return turn
  }
  return {
    ...crypto,
    randomBytes: length => random.bytes(length),
    hpkeSeal: (...seal) => inTurn(() => crypto.hpkeSeal(...seal)),
    unsealer: secret => {
      const unsealer = crypto.unsealer(secret)
      return { publicKey: unsealer.publicKey, open: (...open) => inTurn(() => unsealer.open(...open)) }
    },
    settled: () => (waiting === 0 ? undefined : last.then(() => {}))
  }
}

/** Logs by their space and writer, up to the entry that a device has seen signed. */
export type Vouched = Map<string, number>

/**
 * The primitives as one device uses them, watched: it opens no entry of another device before it has verified a signature that covers
 * it. Entries are hash-linked, so a signature covers all before the one it names.
 */
export function watchedCrypto(
  crypto: Crypto,
  me: { readonly twin: Uint8Array; readonly vouched: Vouched; readonly violate: (what: string) => void }
): Crypto {
  const own = bytesToHex(me.twin)
  return {
    ...crypto,
    verify: async (publicKey, message, signature) => {
      const isTrue = await crypto.verify(publicKey, message, signature)
      if (isTrue && commitDomain.every((byte, index) => message[index] === byte)) {
        const [space, twin, device, seq] = decode(message.subarray(commitDomain.length)) as Commit
        const log = `${bytesToHex(space)}/${bytesToHex(twin)}/${device}`
        me.vouched.set(log, Math.max(me.vouched.get(log) ?? 0, seq))
      }
      return isTrue
    },
    aeadOpen: (key, nonce, aad, sealed) => {
      // An entry is sealed with its header, an array; parts and lists of milestones with text before theirs
      const header = (aad[0]! >> 5 === 4 ? decode(aad) : undefined) as Header | undefined
      if (Array.isArray(header) && header[0] === entryVersion && header.length === entryFields) {
        const [, space, twin, device, seq] = header
        const writer = bytesToHex(twin)
        const log = `${bytesToHex(space)}/${writer}/${device}`
        if (writer !== own && seq > (me.vouched.get(log) ?? 0)) {
          me.violate(`an entry was opened before a signature that covers it was verified: ${log} ${seq}`)
        }
      }
      return crypto.aeadOpen(key, nonce, aad, sealed)
    }
  }
}

type Commit = readonly [space: Uint8Array, twin: Uint8Array, device: number, seq: number, hash: Uint8Array]
type Header = readonly [version: number, space: Uint8Array, twin: Uint8Array, device: number, seq: number, ...unknown[]]
