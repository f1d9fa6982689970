import {
  type Channel,
  channelPair,
  createClient,
  createServer,
  defineService,
  ProtocolError,
  silentLogger
} from '../../../protocols/core/index.ts'
import { devicesProtocol } from '../../../protocols/devices/protocol.ts'
import { loginProtocol, type SignIn } from '../../../protocols/login/protocol.ts'
import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import { pairingProtocol } from '../../../protocols/pairing/protocol.ts'
import type { script } from './script.ts'

/** The contracts that the script answers; whatever it does not know it refuses as a twin would. */
export function scriptedClients(lines: ReturnType<typeof script>, reach: (channel: Channel) => Channel) {
  const refuse = () => {
    throw new ProtocolError('FailedPrecondition', 'This page is a scene: no device and no network stands behind it')
  }
  async function* none() {}
  async function* all<T>(items: readonly T[]) {
    yield* items
  }
  const told = (type: string, signal: AbortSignal) =>
    new Promise<void>(resolve => {
      addEventListener(type, () => resolve(), { once: true, signal })
      signal.addEventListener('abort', () => resolve())
    })
  // Devices come when a test says so
  addEventListener('scene-device', event => {
    lines.letIn((event as CustomEvent<{ number: number; name: string }>).detail)
    dispatchEvent(new Event('scene-notice'))
  })
  const offer = new Uint8Array(16).fill(3)
  const host = location.search.includes('loopback') ? 'http://127.0.0.1:20311' : 'https://console.example.org'
  const link = `${host}/#pair/${'hgFQx3vK9mZq2Lr7TnYw'.repeat(7)}`
  const node = defineService(nodeProtocol, () => ({
    status: () => lines.status,
    peers: () => all(lines.peers),
    doctor: () => all(lines.checks),
    find: refuse,
    ping: none,
    limits: none,
    connect: refuse,
    export: none,
    backup: none,
    resume: refuse,
    shutdown: refuse
  }))
  const devices = defineService(devicesProtocol, () => ({
    list: () => all(lines.devices),
    revoke: refuse,
    rename: refuse,
    records: none,
    takeOver: refuse
  }))
  const pairing = defineService(pairingProtocol, () => ({
    offer: () => ({ offer, link, expiresAt: Date.now() + 240_000 }),
    async *watch(_request: object, { signal }: { signal: AbortSignal }) {
      const view = { offer, level: 'normal', expiresAt: Date.now() + 240_000 } as const
      yield { ...view, state: 'open' as const }
      while (!signal.aborted) {
        const { newcomer } = lines
        if (newcomer !== undefined) yield { ...view, state: 'waiting' as const, newcomer }
        await told('scene-newcomer', signal)
      }
    },
    async *notices({ follow }: { follow?: boolean }, { signal }: { signal: AbortSignal }) {
      yield* lines.notices
      while (follow && !signal.aborted) {
        await told('scene-notice', signal)
        yield* lines.notices
      }
    },
    offers: none,
    approve: refuse,
    refuse,
    trust: refuse,
    notMe: refuse,
    claim: refuse,
    admit: refuse,
    begin: refuse,
    reveal: refuse,
    result: refuse
  }))
  const login = defineService(loginProtocol, () => ({
    read: () => {
      const [{ site, lastAt }] = lines.signIns as [SignIn]
      const known = location.search.includes('known') ? { lastAt } : {}
      return { site, scopes: ['id', 'name'] as const, expiresAt: Date.now() + 240_000, name: 'Ada Moreau', ...known }
    },
    list: () => all(lines.signIns),
    approve: refuse,
    forget: refuse
  }))
  const services = [node()({}), devices()({}), pairing()({}), login()({})]
  const server = createServer({ services, log: silentLogger })
  const channel = reach(channelPair(server, { class: 'owner', level: 'admin' }))
  return new Map<unknown, unknown>([
    [loginProtocol, createClient(loginProtocol, channel)],
    [nodeProtocol, createClient(nodeProtocol, channel)],
    [devicesProtocol, createClient(devicesProtocol, channel)],
    [pairingProtocol, createClient(pairingProtocol, channel)]
  ])
}
