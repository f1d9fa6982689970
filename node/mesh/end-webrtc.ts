/**
 * Joins the native threads of WebRTC, for good: only for a process that is about to exit. Without it they outlive what they
 * use, and one exit in two ends with a failed assertion and SIGABRT after everything was stored and closed.
 */
export async function endWebrtc(): Promise<void> {
  const { cleanup } = await import('node-datachannel')
  cleanup()
}
