/**
 * RFC 8032 leaves verifiers free to differ on keys and points of small order, non-canonical points and the cofactor. A verdict that
 * differs between a browser and a node would split replicas, so every implementation here adds the same checks
 * in front and compares the recomputed R byte by byte (no cofactor), as OpenSSL and BoringSSL do.
 */

// The y of the eight points of small order (RFC 7748 §7 lists the same set for the other form); each with either sign bit
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
].map(hex => Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16)))

/** Whether the lengths are right, the key is canonical and neither the key nor the signature's R is of small order. */
export function isStrictEd25519(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && isStrictPoint(publicKey, 32) && isStrictPoint(signature, 64)
}

function isStrictPoint(bytes: Uint8Array, length: number): boolean {
  return bytes.length === length && isCanonical(bytes) && !smallOrder.some(point => isSameY(bytes, point))
}

/** y < p = 2^255 − 19, over the first 32 bytes without the sign bit. */
function isCanonical(bytes: Uint8Array): boolean {
  if (bytes[0]! < 0xed || (bytes[31]! & 0x7f) !== 0x7f) return true
  for (let index = 1; index < 31; index++) if (bytes[index] !== 0xff) return true
  return false
}

function isSameY(bytes: Uint8Array, point: Uint8Array): boolean {
  if ((bytes[31]! & 0x7f) !== point[31]) return false
  for (let index = 0; index < 31; index++) if (bytes[index] !== point[index]) return false
  return true
}
