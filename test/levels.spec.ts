import { expect } from 'chai'
import {
  type AnyProtocol,
  type Caller,
  type Client,
  channelPair,
  createClient,
  createServer,
  defineService,
  type OwnerLevel
} from '../protocols/core/index.ts'
import { loadProtocols } from '../protocols/index.ts'
import { nodeProtocol } from '../protocols/node/protocol.ts'
import { syncProtocol } from '../protocols/sync/index.ts'

/** All that a device which may only look can call: none of it changes anything. A method that is not here is denied to it. */
const looks: Readonly<Record<string, readonly string[]>> = {
  blobs: ['get', 'has', 'list', 'manifest', 'read'],
  chat: ['conversations', 'follow', 'history', 'members'],
  contacts: ['list', 'watch'],
  devices: ['list', 'records'],
  kv: ['get', 'list', 'namespaces', 'watch'],
  login: ['list', 'read'],
  mailbox: [],
  node: ['connect', 'doctor', 'find', 'limits', 'peers', 'ping', 'status'],
  notes: ['list', 'members', 'notebooks', 'read', 'watch'],
  pairing: ['begin', 'notices', 'result', 'reveal'],
  profile: ['get', 'show', 'watch'],
  spaces: ['list', 'members'],
  // Its space refuses what such a device has written
  sync: ['session']
}

/** Whom a device that is new, and one that never administers, cannot call */
const trusted: Readonly<Record<string, readonly string[]>> = {
  devices: ['rename', 'revoke', 'takeOver'],
  pairing: ['approve', 'notMe', 'offer', 'offers', 'refuse', 'trust', 'watch']
}
const admin: Readonly<Record<string, readonly string[]>> = {
  node: ['backup', 'export', 'resume', 'shutdown'],
  pairing: ['admit', 'claim']
}

const protocols = [...(await loadProtocols()), nodeProtocol as AnyProtocol, syncProtocol as AnyProtocol]

/** Methods of a contract that an own device of this level is let in to, by asking */
async function openTo(protocol: AnyProtocol, level: OwnerLevel): Promise<string[]> {
  const reached = new Error('The service was reached')
  const fail = () => {
    throw reached
  }
  const names = Object.keys(protocol.methods)
  const service = defineService(protocol, () => Object.fromEntries(names.map(name => [name, fail])) as never)
  const server = createServer({ services: [service()({})] })
  const caller: Caller = { class: 'owner', device: 2, level }
  const client = createClient(protocol, channelPair(server, caller)) as unknown as Record<
    string,
    (request: unknown, more?: unknown) => unknown
  >
  const open: string[] = []
  for (const name of names) {
    const { kind, scope, examples } = protocol.methods[name]!
    if (!protocol.scopes[scope]!.callers.includes('owner')) continue
    const { request } = examples[0]!
    const code = await codeOf(kind === 'unary' ? client[name]!(request) : drain(kind, client[name]!, request))
    if (code !== 'PermissionDenied') open.push(name)
  }
  await (client as unknown as Client<AnyProtocol>).close()
  return open.sort()
}

async function drain(kind: string, call: (request: unknown, more?: unknown) => unknown, request: unknown) {
  const items = kind === 'duplex' ? call(request, nothing()) : call(request)
  for await (const _ of items as AsyncIterable<unknown>);
}

async function* nothing(): AsyncGenerator<never> {}

function codeOf(call: unknown): Promise<string> {
  return Promise.resolve(call).then(
    () => 'none',
    error => error.code as string
  )
}

describe('levels of own devices', () => {
  for (const protocol of protocols) {
    const { name } = protocol
    const owners = Object.keys(protocol.methods)
      .filter(method => protocol.scopes[protocol.methods[method]!.scope]!.callers.includes('owner'))
      .sort()

    it(`a device that may only look changes nothing by ${name}`, async () => {
      expect(await openTo(protocol, 'view')).to.deep.equal(looks[name])
    })

    it(`a new device, one that is trusted and one that administers are let in to what is theirs in ${name}`, async () => {
      const [notTrusted, notNormal] = [admin[name] ?? [], [...(admin[name] ?? []), ...(trusted[name] ?? [])]]
      expect(await openTo(protocol, 'normal')).to.deep.equal(owners.filter(method => !notNormal.includes(method)))
      expect(await openTo(protocol, 'trusted')).to.deep.equal(owners.filter(method => !notTrusted.includes(method)))
      expect(await openTo(protocol, 'admin')).to.deep.equal(owners)
    })
  }
})
