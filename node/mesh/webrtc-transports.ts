import type { Transport } from '@libp2p/interface'
import { webRTC, webRTCDirect } from '@libp2p/webrtc'
import { type Components, refuseUnconnected } from '../../protocols/streams/index.ts'

/**
 * Both WebRTC transports: browsers dial us directly, and nodes behind NATs punch holes with the private one.
 *
 * @param maxBufferedAmount bytes of one stream that may wait to be sent before its writer must wait
 */
export function webrtcTransports(
  stun: () => string[],
  maxBufferedAmount: number
): ((components: Components) => Transport)[] {
  const init = {
    // Never the default: it asks STUN servers of third parties for every connection
    rtcConfiguration: () => ({ iceServers: stun().map(urls => ({ urls })) }),
    dataChannel: { maxBufferedAmount }
  }
  const punched = webRTC(init)
  return [webRTCDirect(init), components => punched(refuseUnconnected(components))]
}
