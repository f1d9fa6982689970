import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { Level } from 'level'
import * as Y from 'yjs'

/** Edits of one entry, as in ours. */
const maxEdits = 64
/** Keys as long as ours: those of a space name it, and those of a log the device too. */
const space = 'a'.repeat(64)
const [indexPrefix, log] = [`i/${space}/kv/bench/`, `${space}/${space}/0001`]

interface Pending {
  readonly key: string
  readonly value: Uint8Array
  readonly resolve: () => void
}

/**
 * The floor under a durable put: a Yjs map, AES-GCM and SHA-256 over each update, and one chained, synced batch with the
 * rows of all puts that waited, under keys of the same lengths as ours. No log, no signatures, no index but the value under its key.
 */
export class StoreFloor {
  readonly #db: Level<string, Uint8Array>
  readonly #map = new Y.Doc().getMap<Uint8Array>('kv')
  readonly #secret = randomBytes(32)
  #updates: Uint8Array[] = []
  #pending: Pending[] = []
  #isWriting = false
  #runs = 0

  constructor(dir: string) {
    this.#db = new Level(dir, { valueEncoding: 'view' })
    this.#map.doc!.on('update', (update: Uint8Array) => this.#updates.push(update))
  }

  open(): Promise<void> {
    return this.#db.open()
  }

  close(): Promise<void> {
    return this.#db.close()
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#db.get(indexPrefix + key)
  }

  put(key: string, value: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      this.#pending.push({ key, value, resolve })
      if (!this.#isWriting) void this.#write()
    })
  }

  async #write(): Promise<void> {
    this.#isWriting = true
    // The puts of this tick come along
    await Promise.resolve()
    while (this.#pending.length > 0) {
      const group = this.#pending
      this.#pending = []
      const batch = this.#db.batch()
      for (let at = 0; at < group.length; at += maxEdits) {
        const edits = group.slice(at, at + maxEdits)
        this.#map.doc!.transact(() => {
          for (const { key, value } of edits) this.#map.set(key, value)
        })
      }
      const sealed = this.#updates.map(update => seal(this.#secret, update))
      this.#updates = []
      const hashes = sealed.map(bytes => createHash('sha256').update(bytes).digest())
      batch.put(`r/${log}/${(this.#runs++).toString(16).padStart(14, '0')}`, Buffer.concat(sealed))
      batch.put(`h/${log}`, hashes.at(-1)!)
      for (const { key, value } of group) batch.put(indexPrefix + key, value)
      await batch.write({ sync: true })
      for (const { resolve } of group) resolve()
    }
    this.#isWriting = false
  }
}

function seal(secret: Uint8Array, update: Uint8Array): Uint8Array {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', secret, nonce)
  return Buffer.concat([nonce, cipher.update(update), cipher.final(), cipher.getAuthTag()])
}
