import { keyName, keysDocument } from './keys-kind.ts'
import type { OpenSpace } from './open-space.ts'
import type { SpaceTable } from './space-table.ts'
import type { SpaceLogger } from './spaces.ts'
import type { SpacesNews } from './spaces-news.ts'

/** Epoch keys between wraps, `self` and the key rings of the spaces. */
export class KeyKeeper {
  readonly #spaces: SpaceTable
  readonly #log: SpaceLogger
  /** Spaces whose keys could not be written into `self`: tried again with the next write that works. */
  readonly #unkept = new Set<OpenSpace>()

  constructor(spaces: SpaceTable, news: SpacesNews, log: SpaceLogger) {
    this.#spaces = spaces
    this.#log = log
    news.followUps.on('stored', () => {
      for (const unkept of [...this.#unkept]) void this.keepIfPossible(unkept)
    })
  }

  /** Takes the keys that wraps and `self` hold for this device; whether one was missing until now. */
  async take({ space }: OpenSpace, wraps: Iterable<Uint8Array>): Promise<boolean> {
    const { keyRing } = space.context
    let isNew = false
    const self = this.#spaces.self
    if (self !== undefined && self.space !== space) {
      for (const epoch of keyRing.missing()) {
        const key = await self.space.index(keysDocument).get(keyName(space.text, epoch))
        if (key !== undefined && keyRing.add(epoch, new Uint8Array(key))) isNew = true
      }
    }
    for (const wrap of wraps) {
      if (keyRing.missing().length === 0) break
      try {
        if ((await keyRing.unwrap(wrap)) !== undefined) isNew = true
      } catch {
        // Not a wrap: others may be
      }
    }
    if (isNew) space.retry()
    return isNew
  }

  /** Whether a device of this twin has accepted a space, whoever brought its keys here. */
  async isAccepted(space: string, membership: OpenSpace['membership']): Promise<boolean> {
    const { epoch } = membership.view?.epoch ?? {}
    if (epoch === undefined) return false
    return (await this.#spaces.self?.space.index(keysDocument).get(keyName(space, epoch))) !== undefined
  }

  /**
   * Keeps the keys of an accepted space in `self`, for the other devices and for a restore. The space is there whether this works or
   * not: its key is wrapped beside it.
   */
  async keepIfPossible(found: OpenSpace): Promise<void> {
    try {
      await this.#keep(found)
      this.#unkept.delete(found)
    } catch (cause) {
      this.#unkept.add(found)
      this.#log.debug('The key of a space is not in the private space yet', cause)
    }
  }

  async #keep({ space, membership }: OpenSpace): Promise<void> {
    const self = this.#spaces.self
    if (self === undefined || self.space === space || self.space.state !== 'open') return
    for (const { epoch } of membership.view?.epochs ?? []) {
      const key = space.context.keyRing.get(epoch)
      const name = keyName(space.text, epoch)
      if (key === undefined || (await self.space.index(keysDocument).get(name)) !== undefined) continue
      await self.space.write(keysDocument, doc => void doc.getMap<unknown>('keys').set(name, key))
    }
  }
}
