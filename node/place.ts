import type { Place } from '../protocols/pairing/index.ts'
import type { Mesh } from './mesh/index.ts'

/** Where a connected peer is, as the path to it tells. */
export function placeOf(mesh: Pick<Mesh, 'peers'>, peer: string): Place {
  const path = mesh.peers().find(known => known.peer === peer)?.path
  if (path === 'loopback') return 'machine'
  return path === 'lan' ? 'network' : 'elsewhere'
}
