import type { DeviceItem } from '../../../protocols/devices/protocol.ts'
import type { NodePeer } from '../../../protocols/node/protocol.ts'

export type MeshKind = 'device' | 'contact' | 'meeting-point' | 'stranger'

export interface MeshNode {
  readonly id: string
  readonly name: string
  readonly kind: MeshKind
  readonly path: NodePeer['path'] | undefined
  /** What the relay that is in between is called, where that is known */
  readonly relay: string | undefined
  readonly latencyMs: number | undefined
  readonly address: string
  readonly connectedAt: number | undefined
  readonly x: number
  readonly y: number
}

export interface MapShape {
  readonly width: number
  readonly height: number
  /** Own devices stand near, contacts around them, what only helps to meet outside: half axes of ellipses. */
  readonly rings: Readonly<Record<MeshKind, { readonly x: number; readonly y: number }>>
}

export const wideMap: MapShape = {
  width: 760,
  height: 520,
  rings: {
    device: { x: 175, y: 128 },
    contact: { x: 305, y: 200 },
    'meeting-point': { x: 320, y: 212 },
    stranger: { x: 330, y: 218 }
  }
}

/** For a phone held upright */
export const tallMap: MapShape = {
  width: 380,
  height: 480,
  rings: {
    device: { x: 118, y: 122 },
    contact: { x: 148, y: 188 },
    'meeting-point': { x: 146, y: 196 },
    stranger: { x: 150, y: 200 }
  }
}

const firstAngle = -0.55
const meetingPoint = 'Meeting point'

interface Neighbour {
  readonly id: string
  readonly name: string
  readonly isDevice: boolean
  readonly isContact: boolean
}

/** Who is where, from what the twin says of its connections. Whoever is away stands there without a line. */
export function layOut(
  peers: readonly NodePeer[],
  devices: readonly DeviceItem[],
  contacts: readonly { readonly id: string; readonly name: string }[],
  shape: MapShape = wideMap
): MeshNode[] {
  const nodes: Omit<MeshNode, 'x' | 'y'>[] = []
  const seen = new Set<string>()
  const names = new Map(devices.map(device => [device.peer, device.name]))
  const nameOf = ({ peer, twin, name }: NodePeer) =>
    names.get(peer) ?? contacts.find(({ id }) => id === twin)?.name ?? (name === 'bootstrap' ? meetingPoint : undefined)
  for (const all of peers) {
    const { peer, twin, name, path, latencyMs, address, connectedAt } = all
    const contact = contacts.find(({ id }) => id === twin)
    const kind = kindOf({
      id: peer,
      name: name ?? '',
      isDevice: names.has(peer) || name === 'me',
      isContact: contact !== undefined
    })
    seen.add(peer)
    if (contact !== undefined) seen.add(contact.id)
    const through = peers.find(({ peer }) => peer === relayOf(address))
    const relay = through && nameOf(through)
    nodes.push({ id: peer, name: nameOf(all) ?? 'Another twin', kind, path, relay, latencyMs, address, connectedAt })
  }
  const away = { path: undefined, relay: undefined, latencyMs: undefined, address: '', connectedAt: undefined }
  for (const { peer, name, state } of devices) {
    if (!seen.has(peer) && state !== 'this' && state !== 'revoked')
      nodes.push({ id: peer, name, kind: 'device', ...away })
  }
  for (const { id, name } of contacts) if (!seen.has(id)) nodes.push({ id, name, kind: 'contact', ...away })
  return place(nodes, shape)
}

function relayOf(address: string): string | undefined {
  return /\/p2p\/([^/]+)\/p2p-circuit/.exec(address)?.[1]
}

function kindOf({ name, isDevice, isContact }: Neighbour): MeshKind {
  if (isDevice) return 'device'
  if (isContact) return 'contact'
  return name === 'bootstrap' ? 'meeting-point' : 'stranger'
}

function place(nodes: readonly Omit<MeshNode, 'x' | 'y'>[], { width, height, rings }: MapShape): MeshNode[] {
  const outer = nodes.filter(({ kind }) => kind !== 'device')
  const inner = nodes.filter(({ kind }) => kind === 'device')
  const gap = (2 * Math.PI) / Math.max(1, outer.length)
  const around = (node: Omit<MeshNode, 'x' | 'y'>, angle: number): MeshNode => {
    const ring = rings[node.kind]
    return { ...node, x: width / 2 + ring.x * Math.cos(angle), y: height / 2 + ring.y * Math.sin(angle) }
  }
  // Devices stand in the gaps that the lines to the others leave
  const share = Math.max(1, Math.ceil(inner.length / Math.max(1, outer.length)))
  return [
    ...inner.map((node, at) => {
      const slot = Math.floor((Math.floor(at / share) * Math.max(1, outer.length)) / Math.ceil(inner.length / share))
      return around(node, firstAngle + gap * (slot + ((at % share) + 1) / (share + 1)))
    }),
    ...outer.map((node, at) => around(node, firstAngle + gap * at))
  ]
}
