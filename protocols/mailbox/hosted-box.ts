import { decode, encode } from '../../crdt/crypto/index.ts'
import { asBytes, asText, asUint, bytesToHex } from '../../crdt/log/index.ts'
import { maxTokens } from './protocol.ts'
import { readMany } from './read-many.ts'

/** What is kept of a parcel beside its bytes. */
export interface HeldParcel {
  readonly place: number
  readonly hash: Uint8Array
  readonly size: number
  /** ms since 1970 */
  readonly expires: number
  /** Hash of the token by which it came, in hex; `undefined` for a knock */
  readonly token: string | undefined
  /** Peer that left it */
  readonly peer: string
}

/** What the owner of a box said when it was opened. */
export interface BoxTerms {
  /** Twin that the caller had proved, empty where nobody says hello */
  readonly twin: string
  /** Hashes of tokens, in hex */
  readonly tokens: ReadonlySet<string>
  readonly records: readonly Uint8Array[]
  readonly head: Uint8Array | undefined
  /** ms since 1970 */
  readonly openedAt: number
}

/** One box in memory; the bytes of parcels stay on disk. */
export class HostedBox {
  readonly parcels = new Map<number, HeldParcel>()
  readonly #byHash = new Map<string, HeldParcel>()
  terms: BoxTerms
  bytes = 0
  #last = 0

  constructor(terms: BoxTerms) {
    this.terms = terms
  }

  add(parcel: HeldParcel): void {
    this.parcels.set(parcel.place, parcel)
    this.#byHash.set(bytesToHex(parcel.hash), parcel)
    this.bytes += parcel.size
    this.#last = Math.max(this.#last, parcel.place)
  }

  delete({ place, size, hash }: HeldParcel): void {
    if (!this.parcels.delete(place)) return
    this.#byHash.delete(bytesToHex(hash))
    this.bytes -= size
  }

  /** Grows over restarts too, when all parcels before are gone: whoever collects remembers the last one. */
  nextPlace(now: number): number {
    return Math.max(this.#last + 1, now)
  }

  withHash(hash: Uint8Array): HeldParcel | undefined {
    return this.#byHash.get(bytesToHex(hash))
  }

  bytesBy(token: string): number {
    return [...this.parcels.values()].reduce((sum, parcel) => sum + (parcel.token === token ? parcel.size : 0), 0)
  }

  knocks(): HeldParcel[] {
    return [...this.parcels.values()].filter(({ token }) => token === undefined)
  }

  expired(now: number): HeldParcel[] {
    return [...this.parcels.values()].filter(({ expires }) => expires <= now)
  }
}

export function parcelToRow({ hash, size, expires, token, peer }: HeldParcel): Uint8Array {
  return encode([1, hash, size, expires, token ?? null, peer])
}

export function rowToParcel(place: number, row: Uint8Array): HeldParcel {
  const [, hash, size, expires, token, peer] = readMany(decode(row), 6, 6)
  return {
    place,
    hash: asBytes(hash, 32),
    size: asUint(size),
    expires: asUint(expires),
    token: token === null ? undefined : asText(token, 64),
    peer: asText(peer, 64)
  }
}

export function termsToRow({ twin, tokens, records, head, openedAt }: BoxTerms): Uint8Array {
  return encode([1, twin, [...tokens].sort(), [...records], head ?? null, openedAt])
}

export function rowToTerms(row: Uint8Array): BoxTerms {
  const [, twin, tokens, records, head, openedAt] = readMany(decode(row), 6, 6)
  return {
    twin: asText(twin, 64),
    tokens: new Set(readMany(tokens, maxTokens).map(token => asText(token, 64))),
    records: readMany(records, 64).map(record => asBytes(record)),
    head: head === null ? undefined : asBytes(head),
    openedAt: asUint(openedAt)
  }
}
