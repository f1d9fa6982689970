import { concat } from 'uint8arrays/concat'

const encoder = new TextEncoder()

/** utf8(`text`) ‖ 0x00: how every preimage of FORMATS.md begins, so that no two kinds of object share one. */
export function domainPrefix(text: string): Uint8Array {
  return encoder.encode(`${text}\0`)
}

/** utf8(`domain`) ‖ 0x00 ‖ parts. */
export function preimage(domain: string, ...parts: Uint8Array[]): Uint8Array {
  return concat([domainPrefix(domain), ...parts])
}

/**
 * Small places in memory that they share: memory of its own costs several times what it takes to fill a hundred bytes. It is given back
 * when nobody has any place of it.
 *
 * @param size bytes shared; what is longer than a quarter has memory of its own
 */
export function sharedPlaces(size: number): (length: number) => Uint8Array {
  let shared = new ArrayBuffer(size)
  let used = 0
  return length => {
    if (length > size / 4) return new Uint8Array(length)
    if (used + length > size) {
      shared = new ArrayBuffer(size)
      used = 0
    }
    const place = new Uint8Array(shared, used, length)
    used += length
    return place
  }
}
