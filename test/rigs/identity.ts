import {
  adminScope,
  createDeviceList,
  DeviceDirectory,
  type DeviceSecrets,
  issueCertificate,
  newDeviceKeys,
  secretsToDeviceKeys
} from '../../crdt/identity/index.ts'
import { newOwnerKeys } from '../../crdt/identity/owner-keys.fixture.ts'
import { createSpaces, type Database, keyValueKind, type Spaces, type SpacesInit } from '../../crdt/index.ts'
// Not through the door: all of libp2p stands behind it, and a rig starts a thousand processes
import { nodeCrypto } from '../../node/crypto.ts'
import { hasRoomToOpen } from '../../node/disk-room.ts'

/** A twin with one device, as data: it outlives the processes that write for it and never lies on the disk that is under test. */
export interface Identity {
  readonly twin: Uint8Array
  readonly recovery: Uint8Array
  readonly secrets: DeviceSecrets
  readonly records: readonly Uint8Array[]
}

/** A replica as the helpers of `crdt/spaces` take it. */
export interface RigReplica {
  readonly twin: Uint8Array
  readonly records: Uint8Array[]
  readonly init: SpacesInit
  readonly db: Database
  readonly spaces: Spaces
}

export async function makeIdentity(): Promise<Identity> {
  const crypto = nodeCrypto()
  const { owner, recovery, twin } = newOwnerKeys(crypto)
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const certificate = await issueCertificate(
    { twin, number: 1, role: 'node', name: 'rig', scopes: [adminScope], issued: at, expires: at + 86_400_000 },
    owner,
    keys
  )
  const list = await createDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  return { twin, recovery: recovery.publicKey, secrets: keys.secrets, records: list.all() }
}

/** Spaces of one identity over a database (in a folder, or in memory), which knows the devices of the others. */
export async function openReplica(
  me: Identity,
  others: readonly Identity[],
  db: Database,
  dir?: string
): Promise<RigReplica> {
  const crypto = nodeCrypto()
  const keys = secretsToDeviceKeys(me.secrets, crypto)
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  for (const { twin, records } of [me, ...others]) await directory.receive(twin, [...records])
  const init: SpacesInit = {
    me: { twin: me.twin, device: 1, signer: keys.signing, unsealer: keys.encryption, recovery: me.recovery },
    db,
    crypto,
    directory,
    kinds: [keyValueKind],
    mayOffer: () => true,
    autoAccept: () => true,
    ...(dir !== undefined && { hasRoom: () => hasRoomToOpen(dir) }),
    defer: run => setImmediate(run)
  }
  const spaces = await createSpaces(init)
  await spaces.start()
  return { twin: me.twin, records: [...me.records], init, db, spaces }
}
