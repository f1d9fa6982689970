import { equals } from 'uint8arrays/equals'
import { bytesToHex } from '../log/index.ts'
import { directSpaceId } from '../membership/index.ts'
import type { Space } from './space.ts'
import type { SpaceMaking } from './space-making.ts'
import type { SpacesContext } from './spaces-context.ts'

/** Restored devices take numbers from here on: their twin may have no other device that has the private space. */
export const firstRestored = 256

/**
 * The one conversation of two twins, which the lower of them begins. After a restore it may be there already, and two beginnings of one
 * conversation would freeze it: the other twin is asked first.
 */
export class Conversations {
  readonly #context: SpacesContext
  readonly #making: SpaceMaking
  /** Of which the other one has said that there is none. */
  readonly #isUnknown = new Set<string>()
  /** That were asked for before that. */
  readonly #asked = new Set<string>()

  constructor(context: SpacesContext, making: SpaceMaking) {
    this.#context = context
    this.#making = making
  }

  /** See `Spaces.direct`. */
  async with(twin: Uint8Array): Promise<Space | undefined> {
    const { init, spaces, turns } = this.#context
    const { me, directory } = init
    const id = this.#idWith(twin)
    return turns.take(id, async () => {
      const known = spaces.find(id)?.space
      if (known !== undefined) return known
      if (!isLower(me.twin, twin) || (await directory.load(twin)) === undefined) return undefined
      if (this.#wasRestored && !this.#isUnknown.has(bytesToHex(id))) {
        this.#asked.add(bytesToHex(id))
        return undefined
      }
      return this.#making.make('direct', '', [{ twin, role: 'writer' }])
    })
  }

  /** The conversation with a twin that this one decides, if the twin may have it from before a restore. */
  unsure(twin: Uint8Array): Uint8Array | undefined {
    if (!this.#wasRestored || !isLower(this.#context.init.me.twin, twin)) return undefined
    const id = this.#idWith(twin)
    return this.#context.spaces.find(id) === undefined ? id : undefined
  }

  /** The other one of a conversation says that there is none; whoever asked for it meanwhile gets it. */
  unknownBy(id: Uint8Array, twin: Uint8Array): void {
    const asked = this.unsure(twin)
    if (asked === undefined || !equals(asked, id)) return
    this.#isUnknown.add(bytesToHex(id))
    if (!this.#asked.delete(bytesToHex(id))) return
    this.with(twin).catch(cause => this.#context.log.warn('A conversation could not be begun', cause))
  }

  get #wasRestored(): boolean {
    const { me, directory } = this.#context.init
    const devices = directory.get(me.twin)?.devices() ?? []
    return devices.some(({ number }) => number >= firstRestored)
  }

  #idWith(twin: Uint8Array): Uint8Array {
    const { me, crypto } = this.#context.init
    return directSpaceId(me.twin, twin, crypto)
  }
}

function isLower(one: Uint8Array, other: Uint8Array): boolean {
  const at = one.findIndex((byte, index) => byte !== other[index])
  return at >= 0 && one[at]! < other[at]!
}
