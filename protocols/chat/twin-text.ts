import { twinToText } from '../../crdt/identity/index.ts'

const texts = new WeakMap<Uint8Array, string>()

/** Twin id of a key that a space holds; kept, because base58 is slow and every message shows one. */
export function twinText(twin: Uint8Array): string {
  let text = texts.get(twin)
  if (text === undefined) {
    text = twinToText(twin)
    texts.set(twin, text)
  }
  return text
}
