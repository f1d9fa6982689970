import type { Stream } from '@libp2p/interface'
import { expect } from 'chai'
import { Uint8ArrayList } from 'uint8arraylist'
import { sendWholeMessages } from './whole-messages.ts'

describe('sendWholeMessages()', () => {
  it('gives the data channel a message and its length in one piece', () => {
    const pieces: Uint8Array[] = []
    const stream = { channel: {}, _sendMessage: (data: Uint8ArrayList) => pieces.push(...data) }
    sendWholeMessages(stream as unknown as Stream)
    stream._sendMessage(new Uint8ArrayList(Uint8Array.of(3), Uint8Array.of(7, 8, 9)))
    expect(pieces).deep.equal([Uint8Array.of(3, 7, 8, 9)])
  })

  it('leaves other streams alone', () => {
    const stream = { send: () => true }
    sendWholeMessages(stream as unknown as Stream)
    expect(Object.keys(stream)).deep.equal(['send'])
  })
})
