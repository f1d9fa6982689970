import type { Crypto, MaybePromise, Signer } from '../crypto/index.ts'
import { sealRecord } from '../identity/index.ts'
import type { Role } from './bodies.ts'
import { epochCommitment, newEpochKey } from './epoch-key.ts'
import { type Genesis, genesisToBody, type SpaceKind } from './genesis.ts'
import { type Authority, Membership } from './membership.ts'
import { genesisToSpaceId } from './space-id.ts'

export interface CreateSpaceInit {
  readonly kind: SpaceKind
  /** The twin that decides: that of the signer */
  readonly decider: Uint8Array
  /** Signing key of an admin device of the decider, which becomes the keeper */
  readonly signer: Signer
  /** Other members, in the order of their numbers from 2; exactly one writer for a direct space, none for self */
  readonly members?: readonly { readonly twin: Uint8Array; readonly role: Exclude<Role, 'owner'> }[]
  /** At most 128 bytes; none for self and direct */
  readonly name?: string
  /** Names the rules of the space, at most 64 bytes; none for self and direct */
  readonly policy?: string
  /** ms since 1970 */
  readonly at: number
  readonly authority: Authority
  readonly crypto: Crypto
  readonly beforeDecide?: (record: Uint8Array) => MaybePromise<void>
}

export interface CreatedSpace {
  readonly space: Uint8Array
  readonly membership: Membership
  /** Key of epoch 1, to be wrapped to every member device */
  readonly key: Uint8Array
}

/**
 * Decides the first records of a space: genesis, members, first epoch. Nothing is stored but by `beforeDecide`; the genesis, which is
 * signed once and for all, is not handed to it: store `membership.all()` in one batch instead.
 *
 * @throws {Error} when the members do not fit the kind, or the signer is no admin device of the decider
 */
export async function createSpace(init: CreateSpaceInit): Promise<CreatedSpace> {
  const { kind, decider, signer, members = [], at, authority, crypto, beforeDecide } = init
  const hasFixedId = kind === 'self' || kind === 'direct'
  const genesis: Genesis = {
    kind,
    decider,
    nonce: hasFixedId ? new Uint8Array(16) : crypto.randomBytes(16),
    gate: 1,
    policy: hasFixedId ? '' : (init.policy ?? ''),
    name: hasFixedId ? '' : (init.name ?? '')
  }
  const space = genesisToSpaceId(genesis, crypto, members[0]?.twin)
  const membership = new Membership({ space, me: decider, authority, crypto, beforeDecide })
  const opened = await membership.append(
    await sealRecord(
      {
        log: space,
        term: 0,
        seq: 0,
        prev: undefined,
        keeper: signer.publicKey,
        at,
        kind: 'genesis',
        body: genesisToBody(genesis)
      },
      signer
    )
  )
  if (!opened.ok) throw new Error(`The space cannot be created: ${opened.reason}`)
  let number = 1
  for (const { twin, role } of members) {
    number++
    await membership.decide('member', { twin, number, role }, signer, at)
  }
  const key = newEpochKey(crypto)
  await membership.decide('epoch', { epoch: 1, commitment: epochCommitment(space, 1, key, crypto) }, signer, at)
  return { space, membership, key }
}
