import { decode, encode } from '../codec.ts'
import { asBytes, asList, asUint, readHead } from '../log/index.ts'
import { StoreError } from '../store/index.ts'
import type { LogBase } from './space-log.ts'

/** Anchors kept of a log, however long it was: beyond, every second one is forgotten. */
export const maxAnchors = 256

export function encodeBase({ seq, hash, mhead, anchors }: LogBase): Uint8Array {
  return encode([1, seq, hash, mhead ?? null, anchors])
}

/** @throws {StoreError} */
export function decodeBase(bytes: Uint8Array): LogBase {
  try {
    const [version, seq, hash, mhead, anchors] = asList(decode(bytes), 5)
    if (version !== 1) throw new Error('The version is not known')
    return {
      seq: asUint(seq),
      hash: asBytes(hash, 32),
      mhead: mhead === null ? undefined : readHead(mhead),
      anchors: asList(anchors, undefined, maxAnchors).map(item => {
        const [at, of, signature] = asList(item, 3)
        return [asUint(at), asBytes(of, 32), asBytes(signature, 64)] as const
      })
    }
  } catch (cause) {
    throw new StoreError('corrupt', 'The store is damaged: where a log begins cannot be read', { cause })
  }
}
