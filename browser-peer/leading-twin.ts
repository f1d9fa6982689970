import type { Connection } from '@libp2p/interface'
import { equals } from 'uint8arrays/equals'
import { DeviceDirectory, twinToText } from '../crdt/identity/index.ts'
import type { ShownPresence, Spaces } from '../crdt/spaces/index.ts'
import { type Channel, createClient, type Logger, parseProtocolId } from '../protocols/core/index.ts'
import { Connections } from './connections.ts'
import type { Device } from './device.ts'
import type { Identity } from './device-store.ts'
import { limits } from './limits.ts'
import type { LocalTwin } from './local-twin.ts'
import { macrotask } from './macrotask.ts'
import type { OpenNote } from './open-note.ts'
import { OtherPages } from './other-pages.ts'
import { OwnNodes, type Path } from './own-nodes.ts'
import { PageChannel } from './page-channel.ts'
import { createPageNode } from './page-node.ts'
import { SharedNotes } from './shared-notes.ts'
import { TwinChannel } from './twin-channel.ts'
import type { Listeners, Refusal } from './twin-event.ts'

export interface LeadingInit {
  readonly device: Device
  readonly identity: Identity
  readonly listeners: Listeners
  readonly mayDial?: (address: string) => boolean
  readonly log: Logger
}

/** The peer itself, which one tab runs. */
export interface Leading {
  /** Answers in the page what the page can, and asks the twin for the rest */
  readonly channel: Channel
  readonly spaces: Spaces
  editNote(note: string): Promise<OpenNote>
  path(): Path
  unsynced(): number
  /** Why the twin does not let this browser in, if it does not */
  refused(): Refusal | undefined
  stop(): Promise<void>
}

/** Composes the peer and starts it. @throws {LightError} `storage-lost` */
export async function lead(init: LeadingInit): Promise<Leading> {
  const started: (() => unknown)[] = []
  const stop = async () => {
    for (const step of started.splice(0).reverse()) await step()
  }
  try {
    return await compose(init, started, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function compose(
  { device, identity, listeners, mayDial, log }: LeadingInit,
  started: (() => unknown)[],
  stop: () => Promise<void>
): Promise<Leading> {
  const { twin, number } = identity
  const me = { twin, transport: device.keys.transport.publicKey }
  const { crypto } = device
  // Spaces and documents are the larger half of the code: a page is connected before it is here
  const loading = import('./local-twin.ts')
  loading.catch(() => {})
  const directory = new DeviceDirectory({ crypto, store: device.lists })
  await directory.load(twin)
  await directory.receive(twin, identity.records)

  const node = await createPageNode(device.keys.privateKey, { mayDial, relays: () => nodes.relays() })
  started.push(() => node.stop())
  let refused: Refusal | undefined
  const refuse = (reason: Refusal) => {
    refused = reason
    listeners.emit('refused', { reason })
    tell()
  }
  const changed = new Set<() => void>()
  const tell = () => {
    for (const listener of [...changed]) listener()
    listeners.emit('path', { path: path() })
  }
  const nodes = new OwnNodes({ node, log, onPath: tell })
  started.push(() => nodes.stop())
  const connections = new Connections({
    me,
    node,
    directory,
    crypto,
    log,
    isOwnNode: peer => nodes.has(peer),
    onPeers: tell,
    onRefused: reason => refuse(reason)
  })
  started.push(() => connections.stop())
  await connections.start()
  const ownNodes = () => [...connections.own()].filter(peer => nodes.has(peer))
  const path = () => nodes.path(ownNodes())
  const pages = new OtherPages({ node, directory, relays: () => nodes.relays(), log })
  started.push(() => pages.stop())
  changed.add(() => pages.wake())
  const twinChannel = new TwinChannel({
    node,
    best: () => nodes.best(ownNodes()),
    isRevoked: () => refused === 'revoked',
    onChange: listener => {
      changed.add(listener)
      return () => changed.delete(listener)
    }
  })
  started.push(() => twinChannel.close())

  // Nodes that are revoked are not dialled, and a browser that is revoked dials nobody
  const look = () => {
    const list = directory.get(twin)
    if (list?.device(number) !== undefined && list.isRevoked(number)) {
      nodes.stop()
      refuse('revoked')
    }
    for (const { certificate, number: other } of list?.devices() ?? []) {
      if (list?.isRevoked(other)) nodes.drop(twinToText(certificate.transport))
    }
  }
  started.push(directory.onChange(({ list }) => equals(list.twin, twin) && look()))
  const identified = ({ detail }: CustomEvent<Identified>) => {
    const peer = detail.peerId.toString()
    if (!nodes.has(peer)) return
    const addresses = detail.listenAddrs.map(address => withPeer(address.toString(), peer)).filter(isForBrowsers)
    const known = nodes.learn(addresses)
    device.learn(known).catch(error => log.warn('The addresses of a node were not kept: %o', error))
  }
  node.addEventListener('peer:identify', identified)
  nodes.learn(identity.nodes)
  await node.start()
  nodes.start()
  look()

  const db = await device.openDatabase()
  started.push(() => db.close())
  const { openLocalTwin, localNames } = await loading
  const notes = new SharedNotes(async note => {
    const live = await local.editNote(await notebookOf(channel, note), note)
    const leave = pages.join(live.awareness)
    return {
      live,
      isDirect: client => {
        const { author } = (live.awareness.getStates().get(client) ?? {}) as Partial<ShownPresence>
        if (author === undefined) return false
        return [...connections.peersOf(author.twin, author.device)].some(peer => pages.isDirect(peer))
      },
      onPeers: listener => listeners.on('path', listener),
      close: () => {
        leave()
        live.close()
      }
    }
  })
  const local: LocalTwin = await openLocalTwin({
    device,
    me: { twin, device: number },
    db,
    crypto,
    directory,
    twin: twinChannel,
    openNote: note => notes.open(note),
    log
  })
  started.push(() => local.stop())
  local.onPeople(() => {
    connections.peopleChanged().catch(error => log.warn('Who is a contact was not noted: %o', error))
  })
  started.push(followUnsynced(local, count => listeners.emit('unsynced', { count })))
  await connections.sync(local)
  local.server.then(
    () => listeners.emit('ready', {}),
    () => {}
  )
  const caller = { class: 'owner', twin: twinToText(twin), device: number, role: 'browser' } as const
  const channel = new PageChannel({
    local: local.server,
    caller,
    twin: twinChannel,
    isLocal: id => localNames.has(parseProtocolId(id)?.name ?? ''),
    waitMs: limits.firstCopyMs
  })
  return {
    channel,
    spaces: local.spaces,
    editNote: note => notes.open(note),
    path,
    unsynced: () => local.unsynced(),
    refused: () => refused,
    stop
  }
}

async function notebookOf(channel: Channel, note: string): Promise<string> {
  // With the first note, not before the first connection
  const { notesProtocol } = await import('../protocols/notes/protocol.ts')
  const client = createClient(notesProtocol, channel)
  try {
    return (await client.read({ note })).notebook
  } finally {
    await client.close()
  }
}

interface Identified {
  readonly peerId: { toString(): string }
  readonly listenAddrs: readonly { toString(): string }[]
  readonly connection: Connection
}

function withPeer(address: string, peer: string): string {
  return address.endsWith(`/p2p/${peer}`) ? address : `${address}/p2p/${peer}`
}

/** Browsers have no TCP, and a private WebRTC address works only through the relay that is in it. */
function isForBrowsers(address: string): boolean {
  return /\/(wss?|webrtc-direct|p2p-circuit)\//.test(address)
}

function followUnsynced(local: LocalTwin, listener: (count: number) => void): () => void {
  let last = local.unsynced()
  const look = () => {
    const count = local.unsynced()
    if (count !== last) listener(count)
    last = count
  }
  // A keystroke is one of these three times, and is sent to others in the task in which it is told here
  const defer = macrotask()
  let isDue = false
  const note = () => {
    if (isDue) return
    isDue = true
    defer(() => {
      isDue = false
      look()
    })
  }
  const stops = [local.spaces.on('delivery', note), local.replica.on('runs', note), local.replica.on('durable', note)]
  return () => {
    for (const stop of stops) stop()
  }
}
