import {
  adminScope,
  createDeviceList,
  DeviceDirectory,
  type DeviceSecrets,
  issueCertificate,
  newDeviceKeys,
  newPhrase,
  phraseToKeys,
  secretsToDeviceKeys
} from '../../crdt/identity/index.ts'
import { createSpaces, type Database, type DocumentKind, keyValueKind, type Spaces } from '../../crdt/index.ts'
import { openDatabase } from '../../node/database.ts'
import { nodeCrypto } from '../../node/index.ts'
import { noteKind } from '../../protocols/notes/index.ts'

export interface BenchSpaces {
  readonly twin: Uint8Array
  readonly db: Database
  readonly spaces: Spaces
  readonly directory: DeviceDirectory
  /** Device list of this twin, for the directory of the other */
  readonly records: Uint8Array[]
  readonly identity: BenchIdentity
  close(): Promise<void>
}

/** What a twin of a bench is made from again, in another process. */
export interface BenchIdentity {
  readonly phrase: string
  readonly secrets: DeviceSecrets
  readonly at: number
}

/** A text that all members may edit. */
export const textKind: DocumentKind = {
  kind: 'text',
  spaces: ['self', 'shared'],
  roots: { text: 'text' },
  writer: () => 'members'
}

/** Spaces of a twin, a fresh one if none is given, over a Level database in a folder: no mesh, no capabilities. */
export async function openBenchSpaces(dir: string, identity = newIdentity()): Promise<BenchSpaces> {
  const crypto = nodeCrypto()
  const { phrase, secrets, at } = identity
  const { owner, recovery, twin } = phraseToKeys(phrase, crypto)
  const keys = secretsToDeviceKeys(secrets, crypto)
  const certificate = await issueCertificate(
    { twin, number: 1, role: 'node', name: 'bench', scopes: [adminScope], issued: at, expires: at + 86_400_000 },
    owner,
    keys
  )
  const list = await createDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  const db = await openDatabase(dir)
  const directory = new DeviceDirectory({ crypto, store: { get: async () => undefined, put: async () => {} } })
  await directory.receive(twin, list.all())
  const spaces = await createSpaces({
    me: { twin, device: 1, signer: keys.signing, unsealer: keys.encryption, recovery: recovery.publicKey },
    db,
    crypto,
    directory,
    kinds: [textKind, keyValueKind, noteKind],
    mayOffer: () => true,
    autoAccept: () => true,
    defer: run => setImmediate(run)
  })
  await spaces.start()
  const close = async () => {
    await spaces.stop()
    await db.close()
  }
  return { twin, db, spaces, directory, records: list.all(), identity, close }
}

function newIdentity(): BenchIdentity {
  const crypto = nodeCrypto()
  return { phrase: newPhrase(crypto), secrets: newDeviceKeys(crypto).secrets, at: Date.now() }
}
