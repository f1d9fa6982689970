import * as decoding from 'lib0/decoding'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'

/** Milliseconds after which somebody counts as not typing any more unless they say so again. */
export const typingMs = 8000
/** Presence of others is small; more is not looked at. */
const maxPresenceBytes = 1024

/** Presence (y-protocols awareness) that says whether the owner is typing. */
export class TypingPresence {
  readonly #awareness: Awareness

  /** @param clock beyond what an earlier process of this device said; each message has a higher one */
  constructor(client: number, clock = 0) {
    const doc = new Y.Doc()
    doc.clientID = client
    this.#awareness = new Awareness(doc)
    this.#awareness.meta.set(client, { clock, lastUpdated: Date.now() })
  }

  toBytes(typing: boolean): Uint8Array {
    this.#awareness.setLocalState({ typing })
    return encodeAwarenessUpdate(this.#awareness, [this.#awareness.clientID])
  }

  /** Ends the timer that Awareness keeps. */
  destroy(): void {
    this.#awareness.destroy()
    this.#awareness.doc.destroy()
  }
}

/**
 * What somebody's presence says; `undefined` for whatever is not one. It is read without an `Awareness`, which would keep
 * whatever client numbers it is told about; who says it is known from where it came.
 */
export function bytesToTyping(bytes: Uint8Array): boolean | undefined {
  if (bytes.length > maxPresenceBytes) return undefined
  try {
    const decoder = decoding.createDecoder(bytes)
    if (decoding.readVarUint(decoder) !== 1) return undefined
    decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    const state: unknown = JSON.parse(decoding.readVarString(decoder))
    if (state === null) return false
    const typing =
      typeof state === 'object' && Object.hasOwn(state, 'typing') ? (state as { typing: unknown }).typing : undefined
    return typeof typing === 'boolean' ? typing : undefined
  } catch {
    return undefined
  }
}
