import { type DeviceListStore, twinToText } from '../crdt/identity/index.ts'
import type { StoredKeys } from './device-keys.ts'

/** What pairing brought: which twin this browser belongs to, and where its nodes are. */
export interface Identity {
  /** Owner key of the twin, 32 bytes */
  readonly twin: Uint8Array
  /** Number of this browser in the device list */
  readonly number: number
  /** Records of the device list, up to the one that lists this browser */
  readonly records: readonly Uint8Array[]
  /** Multiaddrs of the twin's nodes, each ending in `/p2p/` and the node's peer id; paths over relays too */
  readonly nodes: readonly string[]
  /** It looks, and writes nothing that counts; a device keeps that for life. Absent as well where it was paired by a release before */
  readonly isViewOnly?: boolean
  /** When it is over, of a page that came over plain http; ms since 1970 */
  readonly visitUntil?: number
}

/** The row of a kept device. Keys are structured clones of what WebCrypto gave: their bytes are nowhere. */
export interface DeviceRow {
  readonly v: 1
  readonly keys: StoredKeys
  readonly identity?: Identity
  /** Its spaces were stored once: if they are not there, they were lost */
  readonly hasSpaces: boolean
}

const rowKey = 'this'
const table = 'device'
/** Device lists by the peer id of their twin: hello asks them before the spaces and their database are loaded */
const listTable = 'lists'

/** The row of the device in IndexedDB. The connection is kept open, so that it is noticed when the browser drops all that is kept. */
export class DeviceStore {
  readonly #db: IDBDatabase

  private constructor(db: IDBDatabase) {
    this.#db = db
  }

  /** @param onLost the browser, or somebody in it, removes what is kept here */
  static async open(name: string, onLost: () => void): Promise<DeviceStore> {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      for (const name of [table, listTable]) request.result.createObjectStore(name)
    }
    const db = await done(request)
    db.onclose = onLost
    db.onversionchange = () => {
      db.close()
      onLost()
    }
    return new DeviceStore(db)
  }

  async read(): Promise<DeviceRow | undefined> {
    const row: unknown = await done(this.#db.transaction(table).objectStore(table).get(rowKey))
    // Written below, by this very origin
    return row as DeviceRow | undefined
  }

  async write(row: DeviceRow): Promise<void> {
    await this.#change(table, rows => rows.put(row, rowKey))
  }

  async remove(): Promise<void> {
    await this.#change(table, rows => rows.delete(rowKey))
    await this.#change(listTable, rows => rows.clear())
  }

  get lists(): DeviceListStore {
    return {
      get: twin => done(this.#db.transaction(listTable).objectStore(listTable).get(twinToText(twin))),
      put: (twin, envelopes) => this.#change(listTable, rows => rows.put([...envelopes], twinToText(twin)))
    }
  }

  close(): void {
    this.#db.onclose = null
    this.#db.onversionchange = null
    this.#db.close()
  }

  async #change(name: string, change: (rows: IDBObjectStore) => unknown): Promise<void> {
    // Keys that are acknowledged are on the disk, where the browser knows of the option
    const transaction = this.#db.transaction(name, 'readwrite', { durability: 'strict' })
    change(transaction.objectStore(name))
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
