import type { DeviceDirectory, DeviceListStore } from '../identity/index.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import type { Database } from './store.ts'

/** Device lists in the store (FORMATS §8), under `dl/<twin hex>/<position>`; what is put is on disk when it resolves. */
export function deviceListStore(db: Database): DeviceListStore {
  return {
    get: async twin => {
      const envelopes: Uint8Array[] = []
      for await (const envelope of db.values(range(twin))) envelopes.push(envelope)
      return envelopes.length === 0 ? undefined : envelopes
    },
    put: async (twin, envelopes) => {
      const before = await db.keys(range(twin)).all()
      const batch = db.batch()
      for (const [at, envelope] of envelopes.entries()) batch.put(keyOf(twin, at), envelope)
      // A restore replaces what was before
      for (const key of before.slice(envelopes.length)) batch.del(key)
      await batch.write({ sync: true } as object)
    }
  }
}

/** Loads the lists of all twins that are in the store: who decides in a space is told by them. */
export async function loadLists(db: Database, directory: DeviceDirectory): Promise<void> {
  for (let at = 'dl/'; ; ) {
    const [key] = await db.keys({ gt: at, lt: 'dl0', limit: 1 }).all()
    const hex = key?.split('/')[1]
    if (hex === undefined) return
    await directory.load(hexToBytes(hex))
    at = `dl/${hex}~`
  }
}

function prefix(twin: Uint8Array): string {
  return `dl/${bytesToHex(twin)}/`
}

function keyOf(twin: Uint8Array, at: number): string {
  return prefix(twin) + at.toString(16).padStart(8, '0')
}

function range(twin: Uint8Array): { gt: string; lt: string } {
  return { gt: prefix(twin), lt: `${prefix(twin)}~` }
}
