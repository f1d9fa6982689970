import { DeviceList, grantCertificate, secretsToDeviceKeys, textToTwin } from '../../crdt/identity/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { homeAt, readConfig, readIdentity, writeIdentity } from '../../node/home/index.ts'
import { loadDeviceKeys } from '../../node/keystore.ts'
import type { PageClaims, PageIdentity } from './page.ts'

const crypto = nodeCrypto()
const day = 86_400_000

/** Lists browsers as devices of the twin that lives in a home, on which no process runs. */
export async function enrol(home: string, claims: readonly PageClaims[]): Promise<Omit<PageIdentity, 'nodes'>[]> {
  const at = homeAt(home, {})
  const [config, identity] = await Promise.all([readConfig(at), readIdentity(at)])
  const twin = textToTwin(config.id)
  const { secrets } = await loadDeviceKeys(at.keys)
  const keeper = secretsToDeviceKeys(secrets, crypto).signing
  const list = await DeviceList.read({ twin, crypto }, identity.records)
  const first = list.devices().length + 1
  const issued = Date.now()
  for (const [index, claim] of claims.entries()) {
    const { transport, signing, encryption } = claim.keys
    const init = { twin, number: first + index, role: 'browser', name: `browser ${index}`, scopes: [] } as const
    const certificate = await grantCertificate({ ...init, issued, expires: issued + 90 * day }, keeper, {
      keys: { transport: bytes(transport), signing: bytes(signing), encryption: bytes(encryption) },
      bySigning: bytes(claim.bySigning),
      byTransport: bytes(claim.byTransport)
    })
    await list.add(certificate, keeper, issued)
  }
  await writeIdentity(at, { ...identity, records: list.all() })
  const records = list.all().map(record => [...record])
  return claims.map((_, index) => ({ twin: config.id, number: first + index, records }))
}

function bytes(numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers)
}
