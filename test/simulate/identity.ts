import {
  adminScope,
  type Crypto,
  createDeviceList,
  issueCertificate,
  type NodeDeviceKeys,
  newDeviceKeys
} from '../../crdt/index.ts'
import { startOfTime } from './clock.ts'

/** A twin with one device, and what others have to know of it. */
export interface Identity {
  readonly twin: Uint8Array
  readonly keys: NodeDeviceKeys
  readonly recovery: Uint8Array
  /** Its device list */
  readonly records: readonly Uint8Array[]
}

/** The phrase is left out: stretching one costs more than a whole simulation. */
export async function newIdentity(crypto: Crypto): Promise<Identity> {
  const owner = crypto.signer(crypto.randomBytes(32))
  const twin = owner.publicKey
  const keys = newDeviceKeys(crypto)
  const at = startOfTime
  const certificate = await issueCertificate(
    {
      twin,
      number: 1,
      role: 'node',
      name: 'node',
      scopes: [adminScope],
      issued: at,
      expires: at + 10 * 365 * 86_400_000
    },
    owner,
    keys
  )
  const list = await createDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  return { twin, keys, recovery: crypto.unsealer(crypto.randomBytes(32)).publicKey, records: list.all() }
}
