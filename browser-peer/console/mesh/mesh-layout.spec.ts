import { expect } from 'chai'
import type { NodePeer } from '../../../protocols/node/protocol.ts'
import { layOut } from './mesh-layout.ts'

const marie = { id: 'twin of Marie', name: 'Marie' }
const relayed = (relay: string): NodePeer => ({
  peer: 'box of Marie',
  twin: marie.id,
  path: 'relayed',
  address: `/ip4/192.0.2.7/tcp/4100/p2p/${relay}/p2p-circuit/p2p/box of Marie`
})

describe('the map of the mesh', () => {
  it('names the relay between the twin and a contact, where it is known', () => {
    const meeting: NodePeer = { peer: 'meeting', name: 'bootstrap', path: 'public', address: '/ip4/192.0.2.7/tcp/4100' }
    const relays = (peer: NodePeer) => layOut([meeting, peer], [], [marie]).map(({ name, relay }) => [name, relay])
    expect(relays(relayed('meeting'))).deep.equal([
      ['Meeting point', undefined],
      ['Marie', 'Meeting point']
    ])
    expect(relays(relayed('somebody'))).deep.include(['Marie', undefined])
  })

  it('shows who is not connected as away, each once', () => {
    const shown = (peers: NodePeer[]) => layOut(peers, [], [marie]).map(({ name, path }) => [name, path])
    expect(shown([relayed('meeting')])).deep.equal([['Marie', 'relayed']])
    expect(shown([])).deep.equal([['Marie', undefined]])
  })
})
