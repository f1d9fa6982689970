import { createTwin, knownDevice, LightError, openDevice, pairBrowser } from '../index.ts'
import { toConsoleTwin } from './to-console-twin.ts'
import type { Entrance } from './twin.ts'
import { browserName } from './welcome/browser-name.ts'

/** The real thing: this browser as a light peer of its owner's twin. Whoever has a twin here is on the way to it from now on. */
export function lightEntrance(): Entrance {
  // Storage that was wiped is told; then the browser may be paired anew
  let wasLost = false
  const open = async () => {
    try {
      const device = await knownDevice()
      return device && toConsoleTwin(await createTwin({ device }), device)
    } catch (error) {
      wasLost = error instanceof LightError && error.code === 'storage-lost'
      if (wasLost) return 'lost'
      throw error
    }
  }
  let begun: ReturnType<typeof open> | undefined = open()
  // For whoever asks
  begun.catch(() => {})
  return {
    open: () => {
      const opening = begun ?? open()
      begun = undefined
      return opening
    },
    connect: async (link, { name, isBorrowed, onCode, signal }) => {
      const fresh = await openDevice({ isBorrowed, isFresh: wasLost })
      try {
        const isClaim = link.includes('#claim/')
        await pairBrowser({
          device: fresh,
          link,
          name,
          platform: browserName(),
          onShown: ({ digits, words }, path) => {
            if (!isClaim) return onCode({ kind: 'digits', text: digits })
            if (path === 'loopback') return onCode({ kind: 'words', text: words })
            // Nobody types anything at the twin: whoever sends a claim link of their own would get all that is written here
            return new Promise((resolve, reject) => {
              signal?.addEventListener('abort', () => reject(signal.reason))
              onCode({ kind: 'words', text: words, confirm: resolve })
            })
          },
          signal
        })
        return toConsoleTwin(await createTwin({ device: fresh }), fresh)
      } catch (error) {
        fresh.close()
        throw error
      }
    }
  }
}
