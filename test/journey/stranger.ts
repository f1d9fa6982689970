import { createDeviceList, issueCertificate, newDeviceKeys } from '../../crdt/identity/index.ts'
import { newOwnerKeys } from '../../crdt/identity/owner-keys.fixture.ts'
import { nodeCrypto } from '../../node/crypto.ts'

const day = 86_400_000

/** A twin that nobody knows, for a page that says hello as it. Bytes are lists of numbers, which JSON can say. */
export interface Stranger {
  /** Of the key of its connections */
  readonly seed: number[]
  readonly certificate: number[]
  readonly head: { readonly term: number; readonly seq: number; readonly hash: number[] }
  readonly records: number[][]
}

/** Made where the page comes from: whoever owns a site can make as many twins as they like. */
export async function makeStranger(): Promise<Stranger> {
  const crypto = nodeCrypto()
  const { owner, twin } = newOwnerKeys(crypto)
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const device = { twin, number: 1, role: 'node', name: 'prizes', scopes: ['device.admin'] } as const
  const certificate = await issueCertificate({ ...device, issued: at, expires: at + 30 * day }, owner, keys)
  const list = await createDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  const [term, seq, hash] = list.head!
  return {
    seed: [...keys.secrets.transport],
    certificate: [...certificate],
    head: { term, seq, hash: [...hash] },
    records: list.all().map(record => [...record])
  }
}
