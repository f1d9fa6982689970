import { keyName, keysDocument } from './keys-kind.ts'
import type { OpenSpace } from './open-space.ts'

/** Epoch keys between wraps, `self` and the key rings of the spaces. */
export class KeyKeeper {
  readonly #self: () => OpenSpace | undefined

  constructor(self: () => OpenSpace | undefined) {
    this.#self = self
  }

  /** Takes the keys that wraps and `self` hold for this device; whether one was missing until now. */
  async take({ space }: OpenSpace, wraps: Iterable<Uint8Array>): Promise<boolean> {
    const { keyRing } = space.context
    let isNew = false
    const self = this.#self()
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
    return (await this.#self()?.space.index(keysDocument).get(keyName(space, epoch))) !== undefined
  }

  /** Keeps the keys of an accepted space in `self`, for the other devices and for a restore. */
  async keep({ space, membership }: OpenSpace): Promise<void> {
    const self = this.#self()
    if (self === undefined || self.space === space || self.space.state !== 'open') return
    for (const { epoch } of membership.view?.epochs ?? []) {
      const key = space.context.keyRing.get(epoch)
      const name = keyName(space.text, epoch)
      if (key === undefined || (await self.space.index(keysDocument).get(name)) !== undefined) continue
      await self.space.write(keysDocument, doc => void doc.getMap<unknown>('keys').set(name, key))
    }
  }
}
