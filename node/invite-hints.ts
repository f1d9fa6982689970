import type { DeviceDirectory } from '../crdt/identity/index.ts'
import type { Mesh } from './mesh/index.ts'

/** What an invite says so that nobody can roll back what its reader sees first. */
export async function inviteHints(mesh: Mesh, directory: DeviceDirectory, twin: Uint8Array, id: string) {
  const sequence = Number(await mesh.sequenceOf(id))
  const head = directory.get(twin)?.head
  return {
    ...(sequence > 0 ? { sequence } : {}),
    ...(head === undefined ? {} : { head: head[2] })
  }
}
