const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const length = 16

/** 80 random bits in sixteen characters that are not mistaken for each other. */
export function newNoteId(random: Uint8Array): string {
  let id = ''
  let held = 0
  let bits = 0
  for (const byte of random) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5 && id.length < length; bits -= 5) id += alphabet[(held >> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return id
}
