import { cleanup } from 'node-datachannel'

/**
 * Joins the native threads of WebRTC, for good: only for a process that is about to exit. Without it they outlive what they
 * use and about one exit in two ends with a failed assertion and SIGABRT, after everything was stored and closed.
 */
export function endWebrtc(): void {
  cleanup()
}
