import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceList, textToTwin } from '../../crdt/identity/index.ts'
import { createClient, type Logger, pause } from '../../protocols/core/index.ts'
import { helloProtocol } from '../../protocols/hello/index.ts'
import { libp2pChannel } from '../../protocols/streams/index.ts'
import { nodeCrypto } from '../crypto.ts'
import type { Home } from '../home/index.ts'
import { createMesh, type Mesh } from '../mesh/index.ts'

export interface FormerListInit {
  /** Home of the new device; nothing is written into it */
  readonly home: Home
  /** Twin id */
  readonly id: string
  /** Secret of the new device's transport key */
  readonly transportKey: Uint8Array
  readonly bootstrap: readonly string[]
  readonly mdns: boolean
  readonly timeoutMs: number
  readonly listen?: string
  readonly log?: Logger
}

const pauseMs = 500
const maxPages = 256

/**
 * The device list of a twin that is being restored, from any of its devices that is on. Everything in it is signed by the owner key or
 * by devices that the list names, so it does not matter who hands it over. `undefined` when none was found in time.
 */
export async function fetchFormerList(init: FormerListInit): Promise<DeviceList | undefined> {
  const signal = AbortSignal.timeout(init.timeoutMs)
  const folder = await mkdtemp(join(tmpdir(), 'twinmesh-restore-'))
  try {
    const { transportKey, bootstrap, mdns, listen: host, log } = init
    const mesh = await createMesh({ transportKey, bootstrap, mdns, host, log, home: folder, port: 0, webrtc: false })
    try {
      while (!signal.aborted) {
        const list = await lookOnce(mesh, init.id, signal).catch(() => undefined)
        if (list !== undefined) return list
        await pause(pauseMs, signal)
      }
      return undefined
    } finally {
      await mesh.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function lookOnce(mesh: Mesh, id: string, signal: AbortSignal): Promise<DeviceList | undefined> {
  const { devices } = await mesh.find(id, { signal })
  for (const { device } of devices) {
    if (device === mesh.peer) continue
    const list = await readList(mesh, id, device, signal).catch(() => undefined)
    if (list?.head !== undefined) return list
  }
  return undefined
}

async function readList(mesh: Mesh, id: string, device: string, signal: AbortSignal): Promise<DeviceList> {
  const twin = textToTwin(id)
  const list = new DeviceList({ twin, crypto: nodeCrypto() })
  const channel = libp2pChannel(mesh.node, await mesh.connect(device, { signal }))
  const client = createClient(helloProtocol, channel)
  try {
    for (let page = 0; page < maxPages; page++) {
      const { head } = list
      const have = head && { term: head[0], seq: head[1], hash: head[2] }
      const { records, more } = await client.devices({ twin, have }, { signal })
      for (const record of records) await list.receive(record)
      if (!more || records.length === 0) break
    }
    return list
  } finally {
    await client.close()
    await channel.close()
  }
}
