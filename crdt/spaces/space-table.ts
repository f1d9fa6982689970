import { bytesToHex } from '../log/index.ts'
import { selfSpaceId } from '../membership/index.ts'
import type { OpenSpace } from './open-space.ts'
import type { SpacesInit } from './spaces.ts'

/** The spaces that are here, accepted or offered. */
export class SpaceTable {
  /** The id of the private space, in hexadecimal */
  readonly selfText: string
  readonly #spaces = new Map<string, OpenSpace>()

  constructor({ me, crypto }: Pick<SpacesInit, 'me' | 'crypto'>) {
    this.selfText = bytesToHex(selfSpaceId(me.twin, crypto))
  }

  /** The private space, unless it has still to arrive from another device. */
  get self(): OpenSpace | undefined {
    return this.#spaces.get(this.selfText)
  }

  isSelf({ space }: OpenSpace): boolean {
    return space.text === this.selfText
  }

  find(id: Uint8Array): OpenSpace | undefined {
    return this.#spaces.get(bytesToHex(id))
  }

  /** @throws {RangeError} */
  need(id: Uint8Array): OpenSpace {
    const found = this.find(id)
    if (found === undefined) throw new RangeError('No space has this id')
    return found
  }

  add(open: OpenSpace): void {
    this.#spaces.set(open.space.text, open)
  }

  [Symbol.iterator](): IterableIterator<OpenSpace> {
    return this.#spaces.values()
  }
}
