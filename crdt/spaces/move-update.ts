import * as Y from 'yjs'
import { type DeleteRange, deltaToUpdate } from '../documents/index.ts'

/** Clocks that a device used in entries which were set aside, and where they are now. */
interface Moved {
  readonly from: number
  readonly to: number
  readonly length: number
}

/**
 * Writes updates of one client again at later clocks, because those they had are taken by entries that came back. What they say of
 * each other is carried along; what they say of other clients, and of earlier clocks of their own, stands.
 */
export class UpdateMover {
  readonly #client: number
  readonly #moved: Moved[] = []

  constructor(client: number) {
    this.#client = client
  }

  /** The update as it is when its first struct is written at `clock`. */
  move(update: Uint8Array, clock: number): Uint8Array {
    const { structs, ds } = Y.decodeUpdate(update)
    const [first] = structs
    const end = structs.at(-1)
    if (first !== undefined && end !== undefined) {
      const from = first.id.clock
      this.#moved.push({ from, to: clock, length: end.id.clock + end.length - from })
    }
    const encoder = new Y.UpdateEncoderV1()
    for (const struct of structs) {
      if (struct instanceof Y.Item) {
        struct.origin = this.#id(struct.origin)
        struct.rightOrigin = this.#id(struct.rightOrigin)
        // As it was decoded a parent is the name of a root, or an id
        const { parent } = struct as { parent: unknown }
        if (parent instanceof Y.ID) (struct as { parent: unknown }).parent = this.#id(parent)
      }
      struct.id = this.#id(struct.id)!
      struct.write(encoder, 0)
    }
    const deletes = [...ds.clients].flatMap(([client, ranges]) =>
      ranges.flatMap(({ clock, len }) => this.#ranges({ client, clock, length: len }))
    )
    return deltaToUpdate(this.#client, {
      clock,
      end: clock,
      count: structs.length,
      structs: encoder.toUint8Array(),
      deletes
    })
  }

  #id<T extends Y.ID | null>(id: T): T | Y.ID {
    if (id === null || id.client !== this.#client) return id
    const moved = this.#moved.findLast(({ from, length }) => id.clock >= from && id.clock < from + length)
    return moved === undefined ? id : Y.createID(id.client, id.clock - moved.from + moved.to)
  }

  /** A range may begin before what was moved and end in it. */
  #ranges(range: DeleteRange): DeleteRange[] {
    if (range.client !== this.#client) return [range]
    const ranges: DeleteRange[] = []
    for (let clock = range.clock; clock < range.clock + range.length; clock++) {
      const { client, clock: to } = this.#id(Y.createID(range.client, clock))
      const last = ranges.at(-1)
      if (last !== undefined && last.clock + last.length === to) {
        ranges[ranges.length - 1] = { ...last, length: last.length + 1 }
      } else ranges.push({ client, clock: to, length: 1 })
    }
    return ranges
  }
}
