import type { Crypto } from '../crypto/index.ts'
import { type FixedTwin, fixedTwin, otherPhrase, phrase } from '../identity/identity.fixture.ts'
import { DeviceDirectory } from '../identity/index.ts'
import { keyValueKind } from '../key-value/index.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import { createSpaces } from './local-spaces.ts'
import { crypto, diaryKind, memoryDatabase, type TestReplica, textKind } from './replicas.fixture.ts'
import type { SpacesInit } from './spaces.ts'

/** Of BIP39's own test vectors (entropy all 7f) */
const thirdPhrase = `${'legal winner thank year wave sausage worth useful '.repeat(3)}`
  .trim()
  .replace(/useful$/, 'title')

/** Rows of a store in hexadecimal */
export type Rows = Record<string, string>

/** John, Marie and Lea, the same on every run. */
export function fixedTwins(): Promise<FixedTwin[]> {
  return Promise.all([phrase, otherPhrase, thirdPhrase].map(words => fixedTwin(crypto, words)))
}

/** Random bytes that are the same on every run, so that ids of spaces are too. */
function steadyCrypto(seed: number): Crypto {
  let count = 0
  const randomBytes = (length: number) => {
    count++
    return Uint8Array.from({ length }, (_, index) => (seed * 31 + count * 7 + index) & 255)
  }
  return new Proxy(crypto, {
    get: (target, name) => {
      const value: unknown = name === 'randomBytes' ? randomBytes : Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

/** The device of a twin that knows the others', on a store that has these rows. */
export async function openReplica(
  me: FixedTwin,
  others: readonly FixedTwin[],
  rows: Rows = {},
  more: Partial<SpacesInit> = {}
): Promise<TestReplica> {
  const db = memoryDatabase()
  await db.open()
  for (const [key, value] of Object.entries(rows)) await db.put(key, hexToBytes(value))
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  for (const { twin, list } of [me, ...others]) await directory.receive(twin, list.all())
  const { twin, first, recovery, list } = me
  const init: TestReplica['init'] = {
    me: { twin, device: 1, signer: first.signing, unsealer: first.encryption, recovery: recovery.publicKey },
    crypto: steadyCrypto(twin[0]!),
    directory,
    kinds: [textKind, diaryKind, keyValueKind],
    mayOffer: () => true,
    autoAccept: () => true,
    ...more,
    db
  }
  const spaces = await createSpaces(init)
  await spaces.start()
  return { twin, owner: me.owner, records: list.all(), init, db, spaces }
}

/** What a stopped replica leaves. */
export async function rowsOf({ db }: TestReplica): Promise<Rows> {
  await db.open()
  const rows: Rows = {}
  for await (const [key, value] of db.iterator()) rows[key] = bytesToHex(value)
  return rows
}
