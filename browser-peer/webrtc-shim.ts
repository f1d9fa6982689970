/**
 * js-libp2p 3 waits for the events of the temporary data channel of a private WebRTC dial after the other end may have closed it:
 * about forty in a hundred dials then stand still until their time is over. Shows those events again, which is harmless where nobody
 * waits. To be called before a node is made.
 */
export function mendWebrtcDials(): void {
  const prototype = globalThis.RTCPeerConnection?.prototype as Patched | undefined
  if (prototype === undefined || prototype[isMended] === true) return
  prototype[isMended] = true
  const create = prototype.createDataChannel
  prototype.createDataChannel = function (this: RTCPeerConnection, label, options) {
    const channel = create.call(this, label, options)
    if (label === 'init') channel.addEventListener('close', () => showAgain(channel), { once: true })
    return channel
  }
}

const isMended = Symbol('mended')
type Patched = RTCPeerConnection & { [isMended]?: boolean }

function showAgain(channel: RTCDataChannel): void {
  for (const ms of [50, 100, 250, 500, 1000, 2000]) {
    setTimeout(() => {
      channel.dispatchEvent(new Event('open'))
      setTimeout(() => channel.dispatchEvent(new Event('close')), 10)
    }, ms)
  }
}
