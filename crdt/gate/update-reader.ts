import { Refusal } from './refusal.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads lib0's encoding with every length checked against what is left, before anything is allocated. */
export class UpdateReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new Refusal('encoding', 'The update ends early')
    this.#at++
    return byte
  }

  /** Unsigned, at most 2^53 − 1, in the shortest form. */
  uint(): number {
    let byte = this.byte()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    let scale = 128
    do {
      byte = this.byte()
      value += (byte & 0x7f) * scale
      scale *= 128
      if (value > Number.MAX_SAFE_INTEGER) throw new Refusal('encoding', 'A number is above 2^53')
    } while (byte >= 0x80)
    if (byte === 0) throw new Refusal('encoding', 'A number is not in its shortest form')
    return value
  }

  /** Signed, as lib0 writes integers inside values: sign in the second bit of the first byte. */
  skipInt(): void {
    let byte = this.byte()
    let value = byte & 0x3f
    let scale = 64
    while (byte >= 0x80) {
      byte = this.byte()
      value += (byte & 0x7f) * scale
      scale *= 128
      if (value > Number.MAX_SAFE_INTEGER) throw new Refusal('encoding', 'A number is above 2^53')
    }
  }

  float(size: 4 | 8): number {
    const at = this.#take(size)
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, size)
    return size === 4 ? view.getFloat32(0) : view.getFloat64(0)
  }

  skipBytes(): void {
    this.#take(this.uint())
  }

  string(): string {
    const length = this.uint()
    const at = this.#take(length)
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length))
    } catch {
      throw new Refusal('encoding', 'A string is not UTF-8')
    }
  }

  /** Length of a string in UTF-16 units, which is what Yjs counts; a plain ASCII string is not even built. */
  stringLength(): number {
    const start = this.#at
    const length = this.uint()
    const at = this.#take(length)
    for (let i = at; i < at + length; i++) {
      if ((this.#bytes[i] as number) >= 0x80) {
        this.#at = start
        return this.string().length
      }
    }
    return length
  }

  #take(length: number): number {
    if (length > this.left) throw new Refusal('encoding', 'A length is beyond the end of the update')
    const at = this.#at
    this.#at += length
    return at
  }
}
