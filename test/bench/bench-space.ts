import { Level } from 'level'
import {
  adminScope,
  createDeviceList,
  DeviceDirectory,
  issueCertificate,
  newDeviceKeys,
  newPhrase,
  phraseToKeys
} from '../../crdt/identity/index.ts'
import { createSpaces, type Database, type DocumentKind, keyValueKind, type Spaces } from '../../crdt/index.ts'
import { nodeCrypto } from '../../node/index.ts'

export interface BenchSpaces {
  readonly twin: Uint8Array
  readonly db: Database
  readonly spaces: Spaces
  readonly directory: DeviceDirectory
  /** Device list of this twin, for the directory of the other */
  readonly records: Uint8Array[]
  close(): Promise<void>
}

/** A text that all members may edit. */
export const textKind: DocumentKind = {
  kind: 'text',
  spaces: ['self', 'shared'],
  roots: { text: 'text' },
  writer: () => 'members'
}

/** Spaces of a fresh twin over a Level database in a folder: no mesh, no capabilities. */
export async function openBenchSpaces(dir: string): Promise<BenchSpaces> {
  const crypto = nodeCrypto()
  const { owner, recovery, twin } = phraseToKeys(newPhrase(crypto), crypto)
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const certificate = await issueCertificate(
    { twin, number: 1, role: 'node', name: 'bench', scopes: [adminScope], issued: at, expires: at + 86_400_000 },
    owner,
    keys
  )
  const list = await createDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  const db: Database = new Level<string, Uint8Array>(dir, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await db.open()
  const directory = new DeviceDirectory({ crypto, store: { get: async () => undefined, put: async () => {} } })
  await directory.receive(twin, list.all())
  const spaces = await createSpaces({
    me: { twin, device: 1, signer: keys.signing, unsealer: keys.encryption, recovery: recovery.publicKey },
    db,
    crypto,
    directory,
    kinds: [textKind, keyValueKind],
    mayOffer: () => true,
    autoAccept: () => true,
    defer: run => setImmediate(run)
  })
  await spaces.start()
  const close = async () => {
    await spaces.stop()
    await db.close()
  }
  return { twin, db, spaces, directory, records: list.all(), close }
}
