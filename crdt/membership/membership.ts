import type { Crypto, Signer } from '../crypto/index.ts'
import type { MembershipView } from './membership-view.ts'

/** Position in a decided log (FORMATS §4). */
export type Head = readonly [term: number, seq: number, hash: Uint8Array]

/** What the device lists say about who may keep a space's membership. Asked at every record. */
export interface Authority {
  /** Whether the key is the signing key of an admin device of this twin, revoked or not; undefined when the list is not here yet. */
  isAdmin(twin: Uint8Array, signingKey: Uint8Array): boolean | undefined
}

export type AppendResult =
  | { readonly ok: true; readonly isNew: boolean }
  /** `later`: worth another try once device lists or earlier records arrived. */
  | { readonly ok: false; readonly reason: string; readonly later: boolean }
  | { readonly ok: false; readonly reason: string; readonly later: false; readonly proof: readonly Uint8Array[] }

export interface MembershipInit {
  readonly space: Uint8Array
  readonly authority: Authority
  readonly crypto: Crypto
}

/** Interface of the class to come, for those who build on it. */
export interface Membership {
  readonly space: Uint8Array
  readonly head: Head
  /** Signing key of the device that decides now */
  readonly keeper: Uint8Array
  readonly isFrozen: boolean
  /** As of the head */
  readonly view: MembershipView
  /** As of an earlier head; undefined when it is not on this chain */
  at(head: Head): MembershipView | undefined
  append(record: Uint8Array): Promise<AppendResult>
  /** All records beyond `after`; all there are when `after` is absent or not on this chain */
  records(after?: Head): Uint8Array[]
  /** Signs the next record as keeper and appends it. */
  decide(kind: string, body: Record<string, unknown>, signer: Signer, now: number): Promise<Uint8Array>
}
