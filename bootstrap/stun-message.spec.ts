import { expect } from 'chai'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToText } from 'uint8arrays/to-string'
import { ipToBytes, readBindingRequest, writeBindingResponse } from './stun-message.ts'

const hex = (text: string) => fromString(text.replaceAll(/\s/g, ''), 'base16')
/** Transaction id of the sample messages in RFC 5769 §2 */
const transaction = hex('b7e7a701bc34d686fa87dfae')

describe('STUN messages', () => {
  it('masks an IPv4 address and port as RFC 5769 §2.2 does', () => {
    const response = writeBindingResponse(transaction, ipToBytes('192.0.2.1'), 32_853)
    expect(bytesToText(response, 'base16')).to.equal(
      ['0101000c', '2112a442', 'b7e7a701bc34d686fa87dfae', '00200008', '0001a147', 'e112a643'].join('')
    )
  })

  it('masks an IPv6 address as RFC 5769 §2.3 does', () => {
    const response = writeBindingResponse(transaction, ipToBytes('2001:db8:1234:5678:11:2233:4455:6677'), 32_853)
    expect(bytesToText(response.subarray(20), 'base16')).to.equal(
      ['00200014', '0002a147', '0113a9fa', 'a5d3f179', 'bc25f4b5', 'bed2b9d9'].join('')
    )
  })

  it('reads the request of RFC 5769 §2.1 and nothing that is no plain Binding request', () => {
    const request = hex(`000100582112a442b7e7a701bc34d686fa87dfae
      802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
      0006000 96576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf`)
    expect(readBindingRequest(request)).to.deep.equal(transaction)
    const changed = (index: number, value: number) => {
      const copy = request.slice()
      copy[index] = value
      return readBindingRequest(copy)
    }
    expect(changed(1, 0x11), 'an indication').to.equal(undefined)
    expect(changed(4, 0x22), 'another protocol').to.equal(undefined)
    expect(changed(3, 0x54), 'a wrong length').to.equal(undefined)
    expect(readBindingRequest(request.subarray(0, 19))).to.equal(undefined)
    expect(readBindingRequest(new Uint8Array(1400))).to.equal(undefined)
  })

  it('reads addresses as people write them', () => {
    expect(ipToBytes('::1')).to.deep.equal(Uint8Array.from([...new Uint8Array(15), 1]))
    expect(ipToBytes('fe80::1%eth0').slice(0, 2)).to.deep.equal(Uint8Array.of(0xfe, 0x80))
    expect(ipToBytes('::ffff:192.0.2.1').slice(10)).to.deep.equal(Uint8Array.of(255, 255, 192, 0, 2, 1))
  })
})
