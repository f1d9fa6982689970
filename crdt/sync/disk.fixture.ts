import { adminScope, DeviceDirectory, issueCertificate, newDeviceKeys } from '../identity/index.ts'
import { copyOf } from '../spaces/database.fixture.ts'
import { createSpaces } from '../spaces/index.ts'
import { crypto, type TestReplica } from '../spaces/replicas.fixture.ts'
import type { Database } from '../store/index.ts'

export { copyOf }

/** The same device on another disk. */
export async function openOn(db: Database, replica: TestReplica): Promise<TestReplica> {
  const init = { ...replica.init, db }
  const spaces = await createSpaces(init)
  await spaces.start()
  return { ...replica, init, db, spaces }
}

/** The same store as another device of the twin, which the owner key lists and makes the keeper. */
export async function asNewDevice(former: TestReplica, number: number): Promise<TestReplica> {
  const { twin, owner, init } = former
  await former.spaces.stop()
  const db = await copyOf(await reopened(former.db))
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const device = {
    twin,
    number,
    role: 'node',
    name: 'new',
    scopes: [adminScope],
    issued: at,
    expires: at + 8e7
  } as const
  const certificate = await issueCertificate({ ...device, scopes: [adminScope] }, owner, keys)
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  for (const { list } of init.directory.heads([twin]).map(([id]) => ({ list: init.directory.get(id)! }))) {
    await directory.receive(twin, list.all())
  }
  await directory.decide(twin, list => list.takeOver(keys.signing.publicKey, owner, at, [certificate]))
  const me = { ...init.me, device: number, signer: keys.signing, unsealer: keys.encryption }
  return openOn(db, {
    ...former,
    init: { ...init, directory, createSelf: false, me, formerDevices: [init.me.device] },
    records: directory.get(twin)!.all()
  })
}

export async function reopened(db: Database): Promise<Database> {
  if (db.status !== 'open') await db.open()
  return db
}
