import * as v from 'valibot'
import { type Crypto, decode, encode } from '../../crdt/crypto/index.ts'
import type { KeyValue } from '../../crdt/key-value/index.ts'
import { tokenLength } from './protocol.ts'

export interface InvitesComponents {
  readonly table: KeyValue
  readonly crypto: Pick<Crypto, 'randomBytes' | 'sha256'>
  readonly now: () => number
}

const schema = v.object({ expiresAt: v.number(), usedBy: v.optional(v.string()) })
const domain = new TextEncoder().encode('twinmesh/invite/1\0')
/** Invites that are good at one time: a stack of cards, not a mailing. */
const maxOpen = 256

/** Invite tokens. Only their hashes are stored, so whoever reads the store cannot use them. */
export class Invites {
  readonly #components: InvitesComponents

  constructor(components: InvitesComponents) {
    this.#components = components
  }

  /** A new token, on synced storage when it is handed out; `undefined` when too many are out. */
  async issue(expiresAt: number): Promise<Uint8Array | undefined> {
    const { table, crypto } = this.#components
    if ((await this.#prune()) >= maxOpen) return undefined
    const token = crypto.randomBytes(tokenLength)
    await table.put(this.#keyOf(token), encode({ expiresAt }), { kind: 'bytes' })
    return token
  }

  /** Uses a token up for one twin. The same twin may come with it again, should the first answer have been lost. */
  async redeem(token: Uint8Array, twin: string): Promise<boolean> {
    const { table, now } = this.#components
    const key = this.#keyOf(token)
    const entry = await table.get(key)
    if (entry === undefined) return false
    const { expiresAt, usedBy } = v.parse(schema, Object.assign({}, decode(entry.value)))
    if (usedBy !== undefined) return usedBy === twin
    if (expiresAt <= now()) return false
    await table.put(key, encode({ expiresAt, usedBy: twin }), { kind: 'bytes', expected: entry.version })
    return true
  }

  /** Forgets what expired; returns how many are still open. */
  async #prune(): Promise<number> {
    const { table, now } = this.#components
    let open = 0
    for await (const entry of table.list({ prefix: '' })) {
      const { expiresAt, usedBy } = v.parse(schema, Object.assign({}, decode(entry.value)))
      if (expiresAt <= now()) await table.delete(entry.key)
      else if (usedBy === undefined) open++
    }
    return open
  }

  #keyOf(token: Uint8Array): string {
    return Array.from(this.#components.crypto.sha256(domain, token), byte => byte.toString(16).padStart(2, '0')).join(
      ''
    )
  }
}
