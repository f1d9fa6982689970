import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { encodeNodeRecord, encodeOwnerRecord } from '../../crdt/identity/index.ts'
import { signIpnsRecord } from '../../protocols/kad/index.ts'
import { createMesh, type Mesh, type MeshInit } from './index.ts'
import { keyToPeerId } from './peer-keys.ts'

/** Everything made through it is stopped and deleted by `close`, newest first. */
export class Field {
  readonly #undo: (() => Promise<unknown>)[] = []

  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'twin-mesh-'))
    this.#undo.push(() => rm(path, { recursive: true, force: true }))
    return path
  }

  later(undo: () => Promise<unknown>): void {
    this.#undo.push(undo)
  }

  async close(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo()
  }

  /** A mesh on 127.0.0.1 without mDNS and WebRTC, at any port unless told otherwise. */
  async mesh(init: Partial<MeshInit> = {}): Promise<Mesh> {
    const transportKey = init.transportKey ?? (await newKey()).secret
    const home = init.datastore === undefined ? (init.home ?? (await this.folder())) : undefined
    const options = { port: 0, host: '127.0.0.1', mdns: false, webrtc: false, ...init, transportKey }
    const mesh = await createMesh({ ...options, ...(home === undefined ? {} : { home }) })
    this.later(() => mesh.stop())
    return mesh
  }

  /** A mesh that publishes an owner record and its own, and the id it is found by. */
  async twin(init: Partial<MeshInit> = {}): Promise<{ mesh: Mesh; id: string; owner: Key; device: Key }> {
    const [owner, device] = [await newKey(), await newKey()]
    const mesh = await this.mesh({ ...init, transportKey: device.secret })
    await mesh.publish(await recordsOf(owner, device))
    return { mesh, id: owner.id, owner, device }
  }
}

export interface Key {
  readonly secret: Uint8Array
  readonly public: Uint8Array
  readonly id: string
}

export async function newKey(): Promise<Key> {
  const { raw, publicKey } = await generateKeyPair('Ed25519')
  return { secret: raw.slice(0, 32), public: publicKey.raw, id: keyToPeerId(publicKey.raw).toString() }
}

export async function ownerRecord(owner: Key, devices: readonly Key[], sequence = BigInt(Date.now())) {
  const any = new Uint8Array(32)
  const admins = devices.map(device => device.public)
  const payload = encodeOwnerRecord({ admins, list: any, genesis: any, recovery: any, next: any })
  return await signIpnsRecord({ secret: owner.secret, payload, sequence, lifetimeMs: 3_600_000 })
}

export async function recordsOf(owner: Key, device: Key) {
  return {
    owner: { twin: owner.public, record: await ownerRecord(owner, [device]) },
    node: (addrs: Uint8Array[]) =>
      encodeNodeRecord({ twin: owner.public, addrs, protocols: [], head: new Uint8Array(), at: Date.now() })
  }
}

/** Resolves when `check` holds, looking again after each turn of the mesh's events and every 20 ms. */
export async function until(check: () => boolean | Promise<boolean>, timeoutMs = 8000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > end) throw new Error('It did not come about in time')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
