import type { Space } from '../../crdt/index.ts'
import { documentOf } from './document-kind.ts'
import { TypingPresence } from './typing.ts'

/** What this device shows of its owner, conversation by conversation. */
export class Presence {
  readonly #device: number
  readonly #now: () => number
  readonly #shown = new Map<string, TypingPresence>()

  constructor(device: number, now: () => number) {
    this.#device = device
    this.#now = now
  }

  show(space: Space, typing: boolean): void {
    const me = space.myNumber
    if (me === undefined) return
    const presence = this.#shown.get(space.text) ?? new TypingPresence(me * 2 ** 16 + this.#device, this.#now())
    this.#shown.set(space.text, presence)
    // In the own document, so that it cannot be taken for presence of somebody else
    space.sendAwareness(documentOf(me, this.#now()), presence.toBytes(typing))
  }

  stop(): void {
    for (const presence of this.#shown.values()) presence.destroy()
    this.#shown.clear()
  }
}
