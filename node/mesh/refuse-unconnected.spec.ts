import { expect } from 'chai'
import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { refuseUnconnected } from '../../protocols/streams/index.ts'

describe('an inbound WebRTC connection', () => {
  const taken: unknown[] = []
  const components = refuseUnconnected({
    upgrader: { upgradeInbound: async (connection: unknown) => void taken.push(connection) }
  } as never)

  const take = (peerConnection: RTCPeerConnection, signal?: AbortSignal) =>
    components.upgrader.upgradeInbound({ peerConnection } as never, { signal } as never)

  it('is taken once it is connected', async () => {
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()]
    try {
      for (const [one, other] of [
        [near, far],
        [far, near]
      ] as const) {
        one.onicecandidate = ({ candidate }) => {
          if (candidate !== null) void other.addIceCandidate(candidate as never).catch(() => {})
        }
      }
      near.createDataChannel('any')
      const offer = await near.createOffer()
      await far.setRemoteDescription(offer)
      const answer = await far.createAnswer()
      await near.setRemoteDescription(answer)
      const taking = take(far)
      expect(taken).length(0)
      await taking
      expect(far.connectionState).equal('connected')
      expect(taken).length(1)
    } finally {
      near.close()
      far.close()
    }
  })

  it('is refused when its time is up and it never was', async () => {
    const lone = new RTCPeerConnection()
    const before = taken.length
    const error = await take(lone, AbortSignal.abort()).catch((thrown: unknown) => thrown)
    lone.close()
    expect(error).instanceOf(Error)
    expect(taken).length(before)
  })
})
