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
