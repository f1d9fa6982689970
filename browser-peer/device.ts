import { type Crypto, webCrypto } from '../crdt/crypto/index.ts'
import { type DeviceListStore, twinToText } from '../crdt/identity/index.ts'
import type { Database } from '../crdt/store/index.ts'
import { type BrowserKeys, newStoredKeys, openKeys, type StoredKeys } from './device-keys.ts'
import { deviceMark } from './device-mark.ts'
import { type DeviceRow, DeviceStore, type Identity } from './device-store.ts'
import { storageLost } from './light-error.ts'
import { memoryDevice, onlyOnce } from './memory-device.ts'

export interface DeviceInit {
  /** Keeps nothing: keys and data are in memory and end with the page. For a machine that is somebody else's */
  readonly isBorrowed?: boolean
  /** Needs no secure context, and keeps nothing: for a page that came over plain http */
  readonly isVisit?: boolean
  /** Pairs anew although what an earlier device kept here was lost */
  readonly isFresh?: boolean
}

/** This browser as a device: its keys, and what pairing made of it. */
export interface Device {
  readonly keys: BrowserKeys
  /** What computes with them */
  readonly crypto: Crypto
  /** Peer id */
  readonly peer: string
  readonly isBorrowed: boolean
  /** Undefined until it is paired */
  readonly identity: Identity | undefined
  /** Keeps what pairing brought. Numbers and keys are used once: a device that has an identity takes no other. */
  adopt(identity: Identity): Promise<void>
  /** Where the nodes of the twin are by now. */
  learn(nodes: readonly string[]): Promise<void>
  /** Device lists of this and other twins */
  readonly lists: DeviceListStore
  /** The database of its spaces. @throws {LightError} `storage-lost` when it was there before and is not */
  openDatabase(): Promise<Database>
  /** Called when what is kept here is removed while the page runs. Answers how to stop listening. */
  onLost(listener: () => void): () => void
  /** Removes keys and data. */
  forget(): Promise<void>
  close(): void
}

const storeName = 'twinmesh'

/**
 * The device that was paired in this browser. Where there was none nothing is written: whoever borrows a machine has not said so yet.
 *
 * @throws {LightError} `storage-lost`
 */
export function knownDevice(): Promise<Device | undefined> {
  return navigator.locks.request(storeName, known)
}

/**
 * The device of this browser, made when it is not there yet.
 *
 * @throws {LightError} `unsupported`, or `storage-lost` when there was one and its storage is gone
 */
export async function openDevice(init: DeviceInit = {}): Promise<Device> {
  // Its cryptography is code that no other page loads
  if (init.isVisit === true) return (await import('./visit-device.ts')).visitDevice()
  if (init.isBorrowed === true) return borrowed()
  // Of two tabs at a first visit one makes it
  return navigator.locks.request(storeName, () => kept(init))
}

async function borrowed(): Promise<Device> {
  const crypto = webCrypto()
  return memoryDevice(await openKeys(await newStoredKeys(), crypto), crypto)
}

async function known(): Promise<Device | undefined> {
  // To open a database is to make one
  const isStored = (await indexedDB.databases()).some(({ name }) => name === storeName)
  const device = isStored ? await stored(async () => undefined) : undefined
  if (device === undefined && deviceMark.isThere()) throw storageLost()
  if (device?.identity !== undefined) return device
  device?.close()
  return undefined
}

async function kept({ isFresh = false }: DeviceInit): Promise<Device> {
  // Otherwise it threw
  return (await stored(store => firstRow(store, isFresh)))!
}

/** @param otherwise what becomes of a store without a device */
async function stored(
  otherwise: (store: DeviceStore) => Promise<DeviceRow | undefined>
): Promise<KeptDevice | undefined> {
  const lost = new Set<() => void>()
  const store = await DeviceStore.open(storeName, () => {
    for (const listener of lost) listener()
  })
  try {
    const row = (await store.read()) ?? (await otherwise(store))
    if (row !== undefined) return new KeptDevice(store, row, await open(row.keys), lost)
  } catch (cause) {
    store.close()
    throw cause
  }
  store.close()
  return undefined
}

async function firstRow(store: DeviceStore, isFresh: boolean): Promise<DeviceRow> {
  if (deviceMark.isThere() && !isFresh) throw storageLost()
  const row: DeviceRow = { v: 1, keys: await newStoredKeys(), hasSpaces: false }
  await store.write(row)
  return row
}

async function open(keys: StoredKeys): Promise<BrowserKeys> {
  try {
    return await openKeys(keys, webCrypto())
  } catch (cause) {
    throw storageLost({ cause })
  }
}

class KeptDevice implements Device {
  readonly keys: BrowserKeys
  readonly peer: string
  readonly isBorrowed = false
  readonly crypto = webCrypto()
  readonly #store: DeviceStore
  readonly #lost: Set<() => void>
  #row: DeviceRow
  #isForgotten = false

  constructor(store: DeviceStore, row: DeviceRow, keys: BrowserKeys, lost: Set<() => void>) {
    this.#store = store
    this.#row = row
    this.#lost = lost
    this.keys = keys
    this.peer = twinToText(keys.transport.publicKey)
  }

  get identity(): Identity | undefined {
    return this.#row.identity
  }

  get lists(): DeviceListStore {
    return this.#store.lists
  }

  async adopt(given: Identity): Promise<void> {
    await this.#write({ ...this.#row, identity: onlyOnce(this.identity, given) })
    deviceMark.set(this.peer)
  }

  async learn(nodes: readonly string[]): Promise<void> {
    const { identity } = this.#row
    if (identity !== undefined) await this.#write({ ...this.#row, identity: { ...identity, nodes } })
  }

  async openDatabase(): Promise<Database> {
    const db = await openKept(this.peer)
    const [first] = await db.keys({ limit: 1 }).all()
    if (first !== undefined) return db
    // What was written here may be known to others: under these keys it must not begin anew
    if (this.#row.hasSpaces) {
      await db.close()
      await this.forget({ keepsMark: true })
      throw storageLost()
    }
    await this.#write({ ...this.#row, hasSpaces: true })
    return db
  }

  onLost(listener: () => void): () => void {
    this.#lost.add(listener)
    return () => this.#lost.delete(listener)
  }

  async forget({ keepsMark = false } = {}): Promise<void> {
    this.#isForgotten = true
    await this.#store.remove()
    const db = await openKept(this.peer)
    await db.clear()
    await db.close()
    if (!keepsMark) deviceMark.remove()
  }

  close(): void {
    this.#store.close()
  }

  async #write(row: DeviceRow): Promise<void> {
    // What still runs may have something to note
    if (this.#isForgotten) return
    await this.#store.write(row)
    this.#row = row
  }
}

/** Loaded when a page has begun to connect: nothing is read from it before. */
async function openKept(peer: string): Promise<Database> {
  const { keptDatabase } = await import('./kept-database.ts')
  return await keptDatabase(peer)
}
