import { type Datastore, Key } from 'interface-datastore'

/** Where libp2p's peer store keeps its rows */
const prefix = '/peers/'
/** Rows kept in memory; a row is about 1 KiB */
const maxRows = 2000
/** What is written within this time reaches the disk together */
const flushMs = 1000

export interface PeerCache {
  readonly datastore: Datastore
  /** Writes what is only in memory, to be awaited before the datastore is closed */
  flush(): Promise<void>
}

/**
 * The datastore with the peer store's rows in memory, written to disk once a second. libp2p writes a peer's row each
 * time a stream is opened with it, by either side, changed or not, and waits for the disk; a DHT server reads twenty
 * rows for every request it answers. What a crash loses here is a second of hints, which the next connection renews.
 */
export function cachePeers(datastore: Datastore): PeerCache {
  const rows = new PeerRows(datastore)
  const own = {
    get: (key: Key, ...rest: unknown[]) =>
      isPeer(key) ? rows.get(key) : Reflect.apply(datastore.get, datastore, [key, ...rest]),
    has: async (key: Key, ...rest: unknown[]) =>
      rows.has(key) || (await Reflect.apply(datastore.has, datastore, [key, ...rest])),
    put: (key: Key, value: Uint8Array, ...rest: unknown[]) =>
      isPeer(key) ? rows.put(key, value) : Reflect.apply(datastore.put, datastore, [key, value, ...rest]),
    delete: async (key: Key, ...rest: unknown[]) => {
      if (isPeer(key)) await rows.forget(key)
      await Reflect.apply(datastore.delete, datastore, [key, ...rest])
    },
    query: async function* (...args: Parameters<Datastore['query']>) {
      // Rows that are only in memory belong to the answer
      await rows.flush()
      yield* datastore.query(...args)
    }
  }
  const view = new Proxy(datastore, {
    get: (target, property) => {
      if (Object.hasOwn(own, property)) return Reflect.get(own, property)
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
  return { datastore: view, flush: () => rows.flush() }
}

function isPeer(key: Key): boolean {
  return key.toString().startsWith(prefix)
}

class PeerRows {
  readonly #datastore: Datastore
  readonly #rows = new Map<string, Uint8Array>()
  readonly #unwritten = new Set<string>()
  #writes = 0
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()

  constructor(datastore: Datastore) {
    this.#datastore = datastore
  }

  has(key: Key): boolean {
    return this.#rows.has(key.toString())
  }

  get(key: Key): Uint8Array | Promise<Uint8Array> {
    const name = key.toString()
    const held = this.#rows.get(name)
    if (held === undefined) return this.#read(key)
    this.#keep(name, held)
    return held
  }

  put(key: Key, value: Uint8Array): Key {
    const name = key.toString()
    this.#writes++
    this.#unwritten.add(name)
    this.#keep(name, value)
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), flushMs)
    return key
  }

  /** A flush under way must not bring the row back. */
  async forget(key: Key): Promise<void> {
    this.#writes++
    this.#rows.delete(key.toString())
    this.#unwritten.delete(key.toString())
    await this.#flushing.catch(() => {})
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#write())
    await this.#flushing
  }

  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return
    const names = [...this.#unwritten]
    this.#unwritten.clear()
    const batch = this.#datastore.batch()
    for (const name of names) {
      const value = this.#rows.get(name)
      if (value !== undefined) batch.put(new Key(name, false), value)
    }
    await batch.commit()
  }

  async #read(key: Key): Promise<Uint8Array> {
    const before = this.#writes
    const value = await this.#datastore.get(key)
    // What was written while this was read is newer
    if (this.#writes === before) this.#keep(key.toString(), value)
    return value
  }

  #keep(name: string, value: Uint8Array): void {
    // Moves it to the end: the first is the one longest unused
    this.#rows.delete(name)
    this.#rows.set(name, value)
    if (this.#rows.size <= maxRows) return
    for (const oldest of this.#rows.keys()) {
      if (this.#unwritten.has(oldest)) continue
      this.#rows.delete(oldest)
      return
    }
  }
}
