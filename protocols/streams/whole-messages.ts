import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/** What a stream over a WebRTC data channel has beside its interface. */
interface ChannelStream extends Stream {
  readonly channel: object
  _sendMessage(data: Uint8ArrayList): void
}

/**
 * Has a WebRTC stream send each message and its length as one message of the data channel. js-libp2p sends two: the first has one or two bytes,
 * costs as much as the other, and in Firefox the two may arrive in the wrong order (https://bugzilla.mozilla.org/show_bug.cgi?id=1983831). Other
 * streams are left alone.
 */
export function sendWholeMessages(stream: Stream): void {
  if (!('channel' in stream) || !('_sendMessage' in stream)) return
  const ofChannel = stream as ChannelStream
  const send = ofChannel._sendMessage.bind(ofChannel)
  ofChannel._sendMessage = data => send(new Uint8ArrayList(data.subarray()))
}
