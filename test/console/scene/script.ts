import type { DeviceItem } from '../../../protocols/devices/protocol.ts'
import type { SignIn } from '../../../protocols/login/protocol.ts'
import type { NodeCheck, NodePeer, NodeStatus } from '../../../protocols/node/protocol.ts'
import type { Notice, OfferView } from '../../../protocols/pairing/protocol.ts'
import type { People } from './people.ts'

const hour = 3_600_000
const day = 24 * hour

/** What one page cannot have: connections, devices and machines. Told as a twin would tell it. */
export function script(people: People) {
  const now = Date.now()
  const peer = (n: number) => `12D3KooW${`${n}`.repeat(2)}kTDyXPZveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLv`
  const device = (
    number: number,
    name: string,
    role: DeviceItem['role'],
    state: DeviceItem['state'],
    age: number
  ): DeviceItem => ({
    number,
    name,
    role,
    state,
    here: state === 'this',
    keeper: number === 1,
    peer: peer(number),
    scopes: [],
    issuedAt: now - age * day,
    ...(state === 'away' && { lastSeenAt: now - number * 3 * hour }),
    expiresAt: now + 200 * day,
    ...(state === 'revoked' && { revokedAt: now - 40 * day, kept: 812 })
  })
  const devices: DeviceItem[] = [
    device(1, 'Box in the hall', 'node', 'this', 412),
    device(2, 'Firefox on laptop', 'browser', 'connected', 96),
    device(3, 'Phone', 'browser', 'connected', 411),
    device(4, 'Terminal at work', 'cli', 'away', 203),
    device(5, 'Tablet in the kitchen', 'browser', 'away', 1),
    device(6, 'Old phone', 'browser', 'revoked', 398)
  ]
  const connected = (
    id: string,
    path: NodePeer['path'],
    latencyMs: number,
    ago: number,
    more: Partial<NodePeer> = {}
  ): NodePeer => ({ peer: id, path, latencyMs, address: '/ip4/192.0.2.7/tcp/4100', connectedAt: now - ago, ...more })
  const friend = (who: 'marie' | 'tomas' | 'ruth', n: number): Partial<NodePeer> & { peer: string } => ({
    peer: peer(n),
    twin: people[who].id,
    name: people[who].name
  })
  const peers: NodePeer[] = [
    connected(peer(2), 'loopback', 0.4, 2 * hour, { twin: people.ada.id, name: 'me' }),
    connected(peer(3), 'lan', 3.1, 5 * hour, { twin: people.ada.id, name: 'me' }),
    connected(peer(21), 'public', 23.6, 31 * hour, friend('marie', 21)),
    connected(peer(22), 'hole-punched', 48.2, 7 * hour, friend('tomas', 22)),
    connected(peer(23), 'relayed', 131, 26 * hour, {
      ...friend('ruth', 23),
      address: `/ip4/192.0.2.9/tcp/4100/p2p/${peer(31)}/p2p-circuit/p2p/${peer(23)}`
    }),
    connected(peer(31), 'public', 18.9, 3 * day, { name: 'bootstrap' })
  ]
  const status: NodeStatus = {
    id: people.ada.id,
    device: peer(1),
    name: 'Ada Moreau',
    version: '0.1.0',
    pid: 812,
    startedAt: now - 3 * day,
    reachability: 'direct',
    addresses: ['/ip4/192.0.2.7/tcp/4100'],
    peers: peers.length,
    contacts: { all: 4, connected: 3 },
    storage: { bytes: 48_300_000, freeBytes: 212_000_000_000, entries: 18_412, spaces: 11 },
    capabilities: [{ name: 'chat', version: '1.1' }],
    devices: [],
    warnings: [
      {
        code: 'kit',
        message: 'Nobody said yet that the recovery phrase is safe; it was shown when the twin was made',
        next: 'Keep it safe, then: twin recovery done'
      }
    ],
    console: 'http://127.0.0.1:4180/'
  }
  const checks: NodeCheck[] = [
    { about: 'this twin', step: 'home', result: 'good', detail: 'The store takes writes: one was made and read back' },
    {
      about: 'this twin',
      step: 'devices',
      result: 'good',
      detail: 'The device list is whole, its keeper is this device'
    },
    {
      about: 'this twin',
      step: 'network',
      result: 'good',
      detail: 'Connected to 6 peers, reached directly from outside'
    },
    { about: 'Marie Lindqvist', step: 'connect', result: 'good', detail: 'Connected directly, 24 ms' },
    {
      about: 'Marie Lindqvist',
      step: 'entries',
      result: 'good',
      detail: 'Has everything that you wrote, and you have what she wrote'
    },
    { about: 'Grandma Ruth', step: 'connect', result: 'good', detail: 'Connected through a relay, 131 ms' },
    {
      about: 'Jun Park',
      step: 'connect',
      result: 'wait',
      detail: 'None of the 3 known addresses answers; last seen 9 hours ago',
      next: 'What you write waits in the mailbox of Jun and arrives when the twin starts'
    }
  ]
  const notices: Notice[] = [
    {
      number: 5,
      name: 'Tablet in the kitchen',
      role: 'browser',
      platform: 'Chrome on Android',
      place: 'network',
      level: 'normal',
      at: now - 26 * 60_000,
      by: 2,
      until: now + 3 * day - 26 * 60_000,
      probationUntil: now + 3 * day - 26 * 60_000,
      reminder: 0
    }
  ]
  const signIn = (site: string, count: number, ago: number): SignIn => ({
    site,
    device: 2,
    scopes: ['id', 'name'],
    firstAt: now - 90 * day,
    lastAt: now - ago,
    count
  })
  const signIns = [
    signIn('https://library.example', 14, 5 * hour),
    signIn('https://choir-plans.example', 3, 9 * day),
    signIn('https://repair-cafe.example', 1, 31 * day)
  ]
  // Where a test asks for it, somebody has come
  const newcomer: OfferView['newcomer'] = location.search.includes('waiting')
    ? { name: 'Reading tablet', platform: 'Firefox on Android', role: 'browser', place: 'network' }
    : undefined
  const letIn = ({ number, name }: { number: number; name: string }) => {
    devices.push(device(number, name, 'browser', 'connected', 0))
    notices.push({ ...notices[0]!, number, name, at: now })
  }
  return { devices, peers, status, checks, notices, signIns, newcomer, letIn }
}
