import { createTwin, type Device, LightError, openDevice, pairBrowser, type Twin } from '../index.ts'
import { toLiveText } from './to-live-text.ts'
import type { ConsolePath, ConsoleTwin, Entrance, Trouble } from './twin.ts'
import { browserName } from './welcome/browser-name.ts'

/** The real thing: this browser as a light peer of its owner's twin. */
export function lightEntrance(): Entrance {
  // Storage that was wiped is told once; then the browser may be paired anew
  let wasLost = false
  const device = async (isBorrowed: boolean) => {
    try {
      return await openDevice({ isBorrowed, isFresh: wasLost })
    } catch (error) {
      if (error instanceof LightError && error.code === 'storage-lost') wasLost = true
      throw error
    }
  }
  return {
    open: async () => {
      const known = await device(false)
      if (known.identity === undefined) {
        known.close()
        return undefined
      }
      return toConsoleTwin(await createTwin({ device: known }), known)
    },
    connect: async (link, { name, isBorrowed, onCode, signal }) => {
      const fresh = await device(isBorrowed)
      try {
        const isClaim = link.includes('#claim/')
        await pairBrowser({
          device: fresh,
          link,
          name,
          platform: browserName(),
          onShown: ({ digits, words }) =>
            onCode(isClaim ? { kind: 'words', text: words } : { kind: 'digits', text: digits }),
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
