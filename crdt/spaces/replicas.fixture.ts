import { MemoryLevel } from 'memory-level'
import { equals } from 'uint8arrays/equals'
import { type Signer, webCrypto } from '../crypto/index.ts'
import type { DocumentKind } from '../documents/index.ts'
import {
  adminScope,
  createDeviceList,
  DeviceDirectory,
  type DeviceRole,
  issueCertificate,
  type NodeDeviceKeys,
  newDeviceKeys,
  restoreDeviceList
} from '../identity/index.ts'
import { newOwnerKeys } from '../identity/owner-keys.fixture.ts'
import { keyValueKind } from '../key-value/index.ts'
import type { Database } from '../store/index.ts'
import { createSpaces } from './local-spaces.ts'
import type { Space } from './space.ts'
import type { Spaces, SpacesInit } from './spaces.ts'

export const crypto = webCrypto()

/** A text that all writers may edit. */
export const textKind: DocumentKind = {
  kind: 'text',
  spaces: ['self', 'shared'],
  roots: { text: 'text' },
  writer: () => 'members'
}

/** A list that only the member named in the document's name may write; a row for each line. */
export const diaryKind: DocumentKind = {
  kind: 'diary',
  spaces: ['shared', 'direct', 'group'],
  roots: { lines: 'array' },
  writer: document => Number(document.split('/')[1]),
  project: (doc, document) => () =>
    doc.getArray<string>('lines').map((line, index) => ({
      key: `${document}/${index}`,
      value: new TextEncoder().encode(line)
    }))
}

export interface TestTwin {
  readonly twin: Uint8Array
  readonly owner: Signer
  readonly records: Uint8Array[]
  readonly init: SpacesInit
  readonly db: Database
}

export function memoryDatabase(): Database {
  return new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
}

/** A new twin with one device and nothing opened. */
export async function newTwin(more: Partial<SpacesInit> = {}): Promise<TestTwin & { readonly keys: NodeDeviceKeys }> {
  const { owner, recovery, twin } = newOwnerKeys(crypto)
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const certificate = await issueCertificate(
    { twin, number: 1, role: 'node', name: 'test', scopes: [adminScope], issued: at, expires: at + 86_400_000 },
    owner,
    keys
  )
  const list = await createDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  const db = more.db ?? memoryDatabase()
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  await directory.receive(twin, list.all())
  const init: SpacesInit = {
    me: { twin, device: 1, signer: keys.signing, unsealer: keys.encryption, recovery: recovery.publicKey },
    crypto,
    directory,
    kinds: [textKind, diaryKind, keyValueKind],
    mayOffer: () => true,
    autoAccept: () => true,
    ...more,
    db
  }
  return { twin, owner, keys, records: list.all(), init, db }
}

/** Another device of a twin, listed by one that administers it; the twins that know each other hear of it. */
export async function addDevice(
  of: TestReplica,
  number: number,
  others: readonly TestReplica[] = [],
  more: { readonly role?: DeviceRole; readonly scopes?: string[]; readonly spaces?: Partial<SpacesInit> } = {}
): Promise<TestReplica> {
  const { twin, owner } = of
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const { role = 'node' } = more
  const scopes = more.scopes ?? (role === 'browser' ? [] : [adminScope])
  const certificate = await issueCertificate(
    { twin, number, role, name: `test ${number}`, scopes, issued: at, expires: at + 86_400_000 },
    of.init.me.signer,
    keys
  )
  await of.init.directory.decide(twin, list => list.add(certificate, of.init.me.signer, at))
  const records = of.init.directory.get(twin)!.all()
  const db = memoryDatabase()
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  await directory.receive(twin, records)
  const { recovery } = of.init.me
  const init: SpacesInit = {
    ...of.init,
    createSelf: false,
    ...more.spaces,
    db,
    directory,
    me: { twin, device: number, signer: keys.signing, unsealer: keys.encryption, recovery }
  }
  for (const other of others) {
    await other.init.directory.receive(twin, records)
    if (other !== of) await directory.receive(other.twin, other.records)
  }
  const spaces = await createSpaces(init)
  await spaces.start()
  return { twin, owner, records, init, db, spaces }
}

/** The twin on a bare machine, by its phrase alone: it knows the contacts that it is given and nothing else. */
export async function restoreAlone(of: TestReplica, number: number, contacts: readonly TestReplica[]) {
  const { twin, owner } = of
  const keys = newDeviceKeys(crypto)
  const at = Date.now()
  const certificate = await issueCertificate(
    { twin, number, role: 'node', name: 'restored', scopes: [adminScope], issued: at, expires: at + 86_400_000 },
    owner,
    keys
  )
  const list = await restoreDeviceList({ twin, crypto, owner, certificate, keeper: keys.signing.publicKey, at })
  const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
  const records = list.all()
  await directory.receive(twin, records)
  for (const contact of contacts) await directory.receive(contact.twin, contact.init.directory.get(contact.twin)!.all())
  const db = memoryDatabase()
  const me = { ...of.init.me, device: number, signer: keys.signing, unsealer: keys.encryption }
  const init: SpacesInit = {
    ...of.init,
    db,
    directory,
    me,
    asksFirst: true,
    mayOffer: by => contacts.some(one => equals(one.twin, by))
  }
  const spaces = await createSpaces(init)
  await spaces.start()
  return { twin, owner, records, init, db, spaces }
}

/** The same replica, stopped and opened again on its store. */
export async function reopen(replica: TestReplica): Promise<TestReplica> {
  await replica.spaces.stop()
  await replica.db.open()
  const spaces = await createSpaces(replica.init)
  await spaces.start()
  return { ...replica, spaces }
}

export interface TestReplica extends TestTwin {
  readonly spaces: Spaces
}

/** Twins that know each other's devices, with their spaces open. */
export async function openTwins(count: number, more: Partial<SpacesInit> = {}): Promise<TestReplica[]> {
  const twins: TestReplica[] = []
  for (let index = 0; index < count; index++) {
    const twin = await newTwin(more)
    const spaces = await createSpaces(twin.init)
    await spaces.start()
    twins.push({ ...twin, spaces })
  }
  for (const one of twins) {
    for (const other of twins) if (one !== other) await one.init.directory.receive(other.twin, other.records)
  }
  return twins
}

/** Everything that one replica has and another lacks, handed over; until nothing is left to hand over. */
export async function exchange(...replicas: readonly TestReplica[]): Promise<void> {
  for (let changed = true; changed; ) {
    changed = false
    for (const from of replicas) {
      for (const to of replicas) if (from !== to && (await give(from, to))) changed = true
    }
  }
}

/** One way. Whether something was new. */
export async function give(
  from: Pick<TestReplica, 'spaces'>,
  to: Pick<TestReplica, 'spaces' | 'twin'>
): Promise<boolean> {
  let changed = false
  const source = from.spaces.replica
  const target = to.spaces.replica
  for (const { id, mhead } of source.spacesWith(to.twin)) {
    const known = target.space(id)
    const { records, wraps } = source.records(id, known?.mhead, to.twin)
    if (known === undefined || known.mhead[1] < mhead[1]) {
      if ((await target.receiveRecords(id, records, wraps, source.self)).changed) changed = true
    } else if (wraps.length > 0) await target.receiveRecords(id, [], wraps, source.self)
    const held = new Map((target.space(id)?.frontier() ?? []).map(([twin, device, seq]) => [`${twin}/${device}`, seq]))
    const runs = []
    for (const [twin, device, seq] of source.space(id)!.frontier()) {
      const after = held.get(`${twin}/${device}`) ?? 0
      if (after >= seq) continue
      for await (const run of source.runs(id, { twin, device }, after)) runs.push({ log: { twin, device }, run })
    }
    if (runs.length > 0 && (await target.receiveRuns(id, runs, source.self)).durable.length > 0) changed = true
    await target.receiveDurable(id, source.durable(id), source.self)
  }
  return changed
}

/** A shared space of all replicas, known to all of them. */
export async function sharedSpace(replicas: readonly TestReplica[], name = 'shared'): Promise<Space[]> {
  const [first, ...others] = replicas
  const space = await first!.spaces.create({ kind: 'shared', name, members: others.map(({ twin }) => twin) })
  await exchange(...replicas)
  return replicas.map(({ spaces }) => spaces.get(space.id)!)
}

/** All index rows of a store, as text. */
export async function indexRows(db: Database): Promise<Map<string, string>> {
  const rows = new Map<string, string>()
  for await (const [key, value] of db.iterator({ gte: 'i/', lt: 'i0' })) rows.set(key, Array.from(value).join())
  return rows
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const readText = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value)
