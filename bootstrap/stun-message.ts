/**
 * The Binding method of STUN (RFC 8489) as a server needs it: read a request, write the success response that tells
 * the client from which address and port it came. No authentication, no other method, no state.
 */

/** RFC 8489 §5: fixed value that tells STUN from other protocols and masks the address */
const magicCookie = 0x2112a442
const headerSize = 20
const bindingRequest = 0x0001
const bindingSuccess = 0x0101
const xorMappedAddress = 0x0020
/** Requests carry a handful of attributes; anything longer is not for us */
const maxRequestSize = 548

/** The transaction id of a Binding request, or undefined for anything else. */
export function readBindingRequest(datagram: Uint8Array): Uint8Array | undefined {
  if (datagram.byteLength < headerSize || datagram.byteLength > maxRequestSize) return undefined
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  if (view.getUint16(0) !== bindingRequest || view.getUint32(4) !== magicCookie) return undefined
  const length = view.getUint16(2)
  if (length % 4 !== 0 || length !== datagram.byteLength - headerSize) return undefined
  return datagram.slice(8, headerSize)
}

/** The success response for a request that came from `address` (4 or 16 bytes) and `port`. */
export function writeBindingResponse(transaction: Uint8Array, address: Uint8Array, port: number): Uint8Array {
  const valueSize = 4 + address.byteLength
  const response = new Uint8Array(headerSize + 4 + valueSize)
  const view = new DataView(response.buffer)
  view.setUint16(0, bindingSuccess)
  view.setUint16(2, 4 + valueSize)
  view.setUint32(4, magicCookie)
  response.set(transaction, 8)
  view.setUint16(headerSize, xorMappedAddress)
  view.setUint16(headerSize + 2, valueSize)
  response[headerSize + 5] = address.byteLength === 4 ? 1 : 2
  view.setUint16(headerSize + 6, port ^ (magicCookie >>> 16))
  // The mask is the cookie and then the transaction id (RFC 8489 §14.2), which stand side by side in the header
  for (let i = 0; i < address.byteLength; i++) {
    response[headerSize + 8 + i] = (address[i] ?? 0) ^ (response[4 + i] ?? 0)
  }
  return response
}

/** Bytes of a textual IP address: 4 or 16. */
export function ipToBytes(address: string): Uint8Array {
  if (!address.includes(':')) return Uint8Array.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = (text: string) => (text === '' ? [] : text.split(':').flatMap(groupToBytes))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  return Uint8Array.from([...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back])
}

function groupToBytes(group: string): number[] {
  // An IPv4 address at the end of an IPv6 one (RFC 4291 §2.2)
  if (group.includes('.')) return group.split('.').map(Number)
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
