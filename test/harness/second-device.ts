import { mkdir } from 'node:fs/promises'
import { Level } from 'level'
import {
  adminScope,
  DeviceDirectory,
  DeviceList,
  issueCertificate,
  newDeviceKeys,
  secretsToDeviceKeys,
  textToTwin,
  twinToText
} from '../../crdt/identity/index.ts'
import { createSpaces, type Database, deviceListStore, keyValueKind, type Spaces } from '../../crdt/index.ts'
import { SyncSession } from '../../crdt/sync/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { type Home, homeAt, readConfig, readIdentity, writeConfig, writeIdentity } from '../../node/home/index.ts'
import { loadDeviceKeys, saveDeviceKeys } from '../../node/keystore.ts'
import { chatKind } from '../../protocols/chat/index.ts'

const crypto = nodeCrypto()
const day = 86_400_000

/**
 * Makes a home for another device of the twin that lives in `first`, listed by it, with its private space in the store; no process may
 * run on either.
 */
export async function makeSecondDevice(first: string, second: string, number: number): Promise<void> {
  const [from, to] = [homeAt(first, {}), homeAt(second, {})] as const
  const [config, identity] = await Promise.all([readConfig(from), readIdentity(from)])
  const twin = textToTwin(config.id)
  const { secrets } = await loadDeviceKeys(from.keys)
  const keeper = secretsToDeviceKeys(secrets, crypto).signing
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const certificate = await issueCertificate(
    { twin, number, role: 'node', name: `phone ${number}`, scopes: [adminScope], issued: at, expires: at + 365 * day },
    keeper,
    keys
  )
  const list = await DeviceList.read({ twin, crypto }, identity.records)
  await list.add(certificate, keeper, at)
  await writeIdentity(from, { ...identity, records: list.all() })
  await mkdir(to.folder, { mode: 0o700 })
  await saveDeviceKeys(to.keys, keys.secrets)
  await writeIdentity(to, { ...identity, number, certificate, records: list.all() })
  await writeConfig(to, { ...config, device: twinToText(keys.transport.publicKey), deviceName: `phone ${number}` })
  await bringSelf(from, to)
}

/** The twin's private space, which a device waits for otherwise. */
async function bringSelf(from: Home, to: Home): Promise<void> {
  const [source, target] = [await openHome(from), await openHome(to)]
  const ends: SyncSession[] = []
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const end = (mine: Spaces, theirs: Spaces, far: number) =>
    new SyncSession({
      replica: mine.replica,
      remote: theirs.replica.self,
      send: item => void Promise.resolve(item).then(bytes => ends[far]?.receive(bytes))
    })
  ends.push(end(source.spaces, target.spaces, 1), end(target.spaces, source.spaces, 0))
  target.spaces.on('open', () => resolve())
  for (const session of ends) session.start()
  await done
  for (const session of ends) session.close()
  await source.close()
  await target.close()
}

async function openHome(home: Home): Promise<{ spaces: Spaces; close: () => Promise<void> }> {
  const [config, identity] = await Promise.all([readConfig(home), readIdentity(home)])
  const { secrets } = await loadDeviceKeys(home.keys)
  const keys = secretsToDeviceKeys(secrets, crypto)
  const twin = textToTwin(config.id)
  const db: Database = new Level<string, Uint8Array>(home.store, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await db.open()
  const directory = new DeviceDirectory({ crypto, store: deviceListStore(db) })
  await directory.receive(twin, identity.records)
  const me = {
    twin,
    device: identity.number,
    signer: keys.signing,
    unsealer: keys.encryption,
    recovery: identity.recovery
  }
  const spaces = await createSpaces({
    me,
    db,
    crypto,
    directory,
    kinds: [chatKind, keyValueKind],
    createSelf: identity.number === 1,
    defer: run => setImmediate(run)
  })
  await spaces.start()
  return {
    spaces,
    close: async () => {
      await spaces.stop()
      await db.close()
    }
  }
}
