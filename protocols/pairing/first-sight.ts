/**
 * What a device said of itself when it was let in, and where it was: for its owner to recognise it by, on all devices. A value in the twin's
 * own space, namespace `.pairing`, under the number of the device in decimal:
 *
 *     value = CBOR { v: 1, transport: bytes32, platform: text ≤ 64, place: "machine" | "network" | "elsewhere" }
 *
 * Nothing depends on it: what a device may do, since when and who let it in stand in its certificate, which only the keeper of the device
 * list signs. One whose transport key is not that of the device on the list is of a pairing that came to nothing.
 */
import { equals } from 'uint8arrays/equals'
import { parse } from 'valibot'
import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Space } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { schema as v } from '../core/index.ts'
import { type Place, places } from './protocol.ts'

const shape = v.object({
  v: v.literal(1),
  transport: v.bytes({ min: 32, max: 32 }),
  platform: v.text({ max: 64 }),
  place: v.picklist(places)
})

export interface FirstSight {
  readonly transport: Uint8Array
  readonly platform: string
  readonly place: Place
}

export class FirstSights {
  readonly #table: KeyValue

  constructor(self: Space) {
    this.#table = keyValue(self, '.pairing')
  }

  async put(number: number, sight: FirstSight): Promise<void> {
    await this.#table.put(String(number), firstSightToBytes(sight))
  }

  /** Of the device with this number and transport key, if it is known. */
  async get(number: number, transport: Uint8Array): Promise<FirstSight | undefined> {
    const entry = await this.#table.get(String(number))
    if (entry === undefined) return undefined
    try {
      const sight = bytesToFirstSight(entry.value)
      return equals(sight.transport, transport) ? sight : undefined
    } catch {
      // Any device of the twin may have written it
      return undefined
    }
  }
}

export function firstSightToBytes({ transport, platform, place }: FirstSight): Uint8Array {
  return encode({ v: 1, transport, platform, place })
}

/** @throws {Error} */
export function bytesToFirstSight(bytes: Uint8Array): FirstSight {
  const { transport, platform, place } = parse(shape, decode(bytes))
  return { transport, platform, place }
}
