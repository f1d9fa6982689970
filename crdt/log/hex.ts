const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const digitCodes = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0))
/** Hashes and keys */
const usualLength = 32
const codes = Array.from({ length: 2 * usualLength }, () => 0)

export function bytesToHex(bytes: Uint8Array): string {
  if (bytes.length === usualLength) return usualToHex(bytes)
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += digits[bytes[index]!]
  return text
}

/** Names of logs and spaces are looked up all the time. A text that was put together is put together once more to be looked up. */
function usualToHex(bytes: Uint8Array): string {
  for (let index = 0; index < usualLength; index++) {
    const byte = bytes[index]!
    codes[2 * index] = digitCodes[byte >> 4]!
    codes[2 * index + 1] = digitCodes[byte & 15]!
  }
  return String.fromCharCode.apply(undefined, codes)
}

export function hexToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >>> 1)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16)
  return bytes
}
