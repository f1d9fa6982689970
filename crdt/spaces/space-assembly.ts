import { hexToBytes } from '../log/index.ts'
import { directoryAuthority, Membership } from '../membership/index.ts'
import { LocalSpace } from './local-space.ts'
import type { OpenSpace } from './open-space.ts'
import type { SpaceState } from './replica.ts'
import type { SpaceKeeping } from './space-keeping.ts'
import { SpaceRecords } from './space-records.ts'
import type { SpacesContext } from './spaces-context.ts'

/** Attempts to read what a store that is opened again refused. */
const maxTries = 3

/** Puts a space together: its membership from records, the keys that are here, its logs from the store. */
export class SpaceAssembly {
  readonly #context: SpacesContext
  readonly #keeping: SpaceKeeping
  /** What is decided in a membership is written down with the space that it is of. */
  readonly #owners = new WeakMap<Membership, OpenSpace>()

  constructor(context: SpacesContext, keeping: SpaceKeeping) {
    this.#context = context
    this.#keeping = keeping
  }

  /** Nothing of it is read yet. */
  assemble(membership: Membership, records: SpaceRecords, state: SpaceState): OpenSpace {
    const open = { space: new LocalSpace(this.#context, { membership, records, state }), membership, records }
    this.#owners.set(membership, open)
    return open
  }

  /** The members as records have them that others or the disk brought, as far as they can be verified. */
  async readMembership(id: Uint8Array, stored: readonly Uint8Array[]): Promise<Membership | undefined> {
    const { directory, crypto, me } = this.#context.init
    const authority = directoryAuthority(directory)
    const membership: Membership = new Membership({
      space: id,
      me: me.twin,
      authority,
      crypto,
      beforeDecide: record => {
        const owner = this.#owners.get(membership)
        if (owner === undefined) throw new Error('The space is not open yet')
        return this.#keeping.write(owner, record)
      }
    })
    for (const record of stored) {
      const outcome = await membership.append(record)
      // After a start, device lists of others are on disk only
      const lacks = outcome.ok ? undefined : outcome.lacks
      if (lacks !== undefined && (await directory.load(lacks)) !== undefined) await membership.append(record)
    }
    return membership.view === undefined ? undefined : membership
  }

  /** A space as the store has it; undefined when its members cannot be verified. */
  async load(text: string, state: SpaceState): Promise<OpenSpace | undefined> {
    const { init, store, log, keeper } = this.#context
    const id = hexToBytes(text)
    const records = new SpaceRecords(store, id)
    const stored = await records.readRecords()
    const wraps = await records.readWraps()
    const membership = await this.readMembership(id, stored)
    if (membership === undefined) {
      log.error('The members of a stored space cannot be verified: it is left out', text.slice(0, 8))
      return undefined
    }
    const open = this.assemble(membership, records, state)
    for (const { twin } of membership.view!.members) await init.directory.load(twin)
    await keeper.take(open, wraps)
    await open.space.load()
    return open
  }

  /** Reads a space that was stored just now: when another write fails meanwhile, once more after the store was opened again. */
  async read(open: OpenSpace): Promise<void> {
    const { commit, writes } = this.#context
    for (let tries = 1; ; tries++) {
      try {
        return await open.space.load()
      } catch (cause) {
        if (tries === maxTries) throw cause
        await commit.idle()
        await writes.batch(open)
      }
    }
  }
}
