import { createTwin, type Device, knownDevice, LightError, openDevice, pairBrowser, type Twin } from '../index.ts'
import { registerWorker } from './register-worker.ts'
import { toLiveText } from './to-live-text.ts'
import type { ConsolePath, ConsoleTwin, Entrance, Trouble } from './twin.ts'
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

function toConsoleTwin(twin: Twin, device: Device): ConsoleTwin {
  if (!device.isBorrowed) registerWorker().catch(error => reportError(error))
  let trouble: Trouble | undefined = twin.refused()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  twin.on('path', tell)
  twin.on('unsynced', tell)
  twin.on('storage-lost', () => {
    trouble = 'storage-lost'
    tell()
  })
  twin.on('refused', ({ reason }) => {
    trouble = reason
    tell()
  })
  return {
    id: twin.id,
    device: twin.device,
    deviceNumber: twin.deviceNumber,
    isBorrowed: device.isBorrowed,
    client: protocol => twin.client(protocol),
    path: (): ConsolePath | undefined => {
      const path = twin.path()
      return path.state === 'connected' ? path.path : undefined
    },
    unsynced: () => twin.unsynced(),
    trouble: () => trouble,
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    openText: async note => {
      const open = await twin.editNote(note)
      return toLiveText(open.live, {
        isDirect: client => open.isDirect(client),
        onPeers: listener => open.onPeers(listener),
        close: () => open.close()
      })
    },
    forget: async () => {
      await twin.stop()
      await device.forget()
    },
    stop: () => twin.stop()
  }
}
