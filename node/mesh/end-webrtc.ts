import type { Libp2p } from 'libp2p'
import type { MeshServices } from './libp2p-config.ts'

/** UDP listeners that were left open, so that nothing collects them */
const left: unknown[] = []

/**
 * Leaves the UDP listeners of WebRTC open until the process exits: only for a process that is about to. libdatachannel 0.24.5
 * forgets to initialise the flag by which `IceUdpMuxListener::stop` knows that it has run (iceudpmuxlistener.hpp), so that
 * closing one now and then frees it under its running thread, whose next packet ends the process with SIGABRT.
 */
export function leaveUdpListeners(node: Libp2p<MeshServices>): void {
  for (const listener of node.services.inner.components.transportManager.getListeners()) {
    const { stunServer } = listener as { stunServer?: { close(): Promise<void> } }
    if (stunServer === undefined) continue
    left.push(stunServer.close)
    stunServer.close = async () => {}
  }
}

/**
 * Joins the native threads of WebRTC, for good: only for a process that is about to exit. Without it they outlive what they
 * use, and one exit in two ends with a failed assertion and SIGABRT after everything was stored and closed.
 */
export async function endWebrtc(): Promise<void> {
  const { cleanup } = await import('node-datachannel')
  cleanup()
}
