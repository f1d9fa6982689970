const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const maxTime = 2 ** 48 - 1

/** ULID of a time (ms) and ten random bytes: 26 characters of Crockford base32 that sort by time. */
export function newUlid(time: number, random: Uint8Array): string {
  let left = Math.min(Math.max(0, Math.floor(time)), maxTime)
  let head = ''
  for (let digit = 0; digit < 10; digit++) {
    head = alphabet[left % 32] + head
    left = Math.floor(left / 32)
  }
  let tail = ''
  let bits = 0
  let held = 0
  for (const byte of random.subarray(0, 10)) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; ) {
      bits -= 5
      tail += alphabet[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return head + tail
}

export function isUlid(text: unknown): text is string {
  return typeof text === 'string' && /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text)
}
