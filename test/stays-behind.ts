import { Socket } from 'node:net'
import { endWebrtc } from '../node/mesh/index.ts'

const patienceMs = 20_000

/**
 * A root hook: says what keeps a process from ending after its last spec, and ends it. What Node knows of, a socket or a timer, fails
 * it. What Node does not know of is a UDP listener of WebRTC, which now and then does not stop (node/mesh/end-webrtc.ts).
 */
export const mochaHooks = {
  afterAll(): void {
    setTimeout(() => void endProcess(), patienceMs).unref()
  }
}

async function endProcess(): Promise<void> {
  const left = process.getActiveResourcesInfo()
  for (const stream of [process.stdout, process.stderr]) {
    const at = stream instanceof Socket ? left.indexOf(stream.isTTY ? 'TTYWrap' : 'PipeWrap') : -1
    if (at >= 0) left.splice(at, 1)
  }
  console.log(`\n  stays behind: ${left.join(', ') || 'a UDP listener of WebRTC that did not stop'}`)
  // After mocha's listener, which sets the code that its specs have
  if (left.length > 0) process.on('exit', () => process.exit(1))
  await endWebrtc()
  process.exit()
}
