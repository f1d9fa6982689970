import type { Device, Twin } from '../index.ts'
import { registerWorker } from './register-worker.ts'
import { toLiveText } from './to-live-text.ts'
import type { ConsolePath, ConsoleTwin, Trouble } from './twin.ts'

/** The light peer as the console knows it. */
export function toConsoleTwin(twin: Twin, device: Device): ConsoleTwin {
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
    isViewOnly: device.identity?.isViewOnly ?? false,
    visitUntil: device.identity?.visitUntil,
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
