import {
  DeviceDirectory,
  encodeNodeRecord,
  secretsToDeviceKeys,
  textToTwin,
  twinToText
} from '../crdt/identity/index.ts'
import { createSpaces, deviceListStore, keyValueKind, type Spaces } from '../crdt/index.ts'
import { chatKind } from '../protocols/chat/index.ts'
import { Contacts } from '../protocols/contacts/index.ts'
import {
  type AnyProtocol,
  type Client,
  createServer,
  type Logger,
  type ProtocolServer,
  silentLogger
} from '../protocols/core/index.ts'
import { registry } from '../protocols/index.ts'
import { noteKind } from '../protocols/notes/index.ts'
import { profileProtocol } from '../protocols/profile/index.ts'
import { explainStore } from '../protocols/sync/index.ts'
import { openBlobs } from './blob-files.ts'
import { blobGraceMs } from './blob-grace.ts'
import { CertificateRenewal } from './certificate-renewal.ts'
import { Connections } from './connections.ts'
import { nodeCrypto } from './crypto.ts'
import { openDatabase } from './database.ts'
import { hasRoomToOpen } from './disk-room.ts'
import { fenceDatabase } from './fence-database.ts'
import { type Home, homeAt, readConfig, readIdentity } from './home/index.ts'
import { inviteHints } from './invite-hints.ts'
import { loadDeviceKeys } from './keystore.ts'
import { LastSeen } from './last-seen.ts'
import { serverLimits } from './limits.ts'
import { TwinMailbox } from './mailbox/index.ts'
import { type Mesh, type MeshInit, makeMesh, publicBootstrap } from './mesh/index.ts'
import { OwnCalls } from './own-calls.ts'
import { ownGuard } from './own-guard.ts'
import { onHold, withHold } from './people.ts'
import { placeOf } from './place.ts'
import { awaitSelf, Hold, hasOtherNodes, Setbacks } from './recovery/index.ts'
import { node } from './status/index.ts'

/** Where the console is served when nothing else was said. */
const defaultConsoleUrl = 'http://127.0.0.1:4180/'

export interface TwinInit {
  /** Folder that `makeTwin` or `twin init` filled; default `$TWIN_HOME` or `~/.twinmesh` */
  readonly home?: Home | string
  /** Opens the device keys when they are protected */
  readonly passphrase?: string
  /** TCP port; default the one of the last start, or any free one */
  readonly port?: number
  /** Address to listen on; default all */
  readonly listen?: string
  /** Multiaddrs of meeting points */
  readonly bootstrap?: readonly string[]
  /** Look for twins in the local network; default true */
  readonly mdns?: boolean
  /** Where the console is, or what a link for a device of this level opens, asked for each one; default the console on this machine */
  readonly consoleUrl?: (level?: 'view' | 'normal') => string | undefined
  /** Join the public IPFS DHT too, through these nodes or the usual ones */
  readonly publicDht?: { readonly bootstrap?: readonly string[] }
  readonly log?: Logger
  /** The process exits when the twin has stopped: native threads need not be ended one by one. Default false */
  readonly endsWithProcess?: boolean
}

/** A running twin. */
export interface Twin {
  /** Twin id */
  readonly id: string
  /** Peer id of this device */
  readonly device: string
  readonly deviceNumber: number
  addresses(): string[]
  /** Calls a capability of this twin as its owner */
  client<P extends AnyProtocol>(protocol: P): Client<P>
  /** What carriers serve */
  readonly server: ProtocolServer
  readonly spaces: Spaces
  readonly mesh: Mesh
  readonly stopRequested: Promise<void>
  /** It has stopped */
  readonly stopped: Promise<void>
  stop(): Promise<void>
}

/** Composes a twin and starts it. Whoever calls has the home to itself: see `lockHome`. */
export async function createTwin(init: TwinInit = {}): Promise<Twin> {
  const started: (() => Promise<void>)[] = []
  const stopAll = async () => {
    // In reverse: what was built on others goes first
    for (const stop of started.splice(0).reverse())
      await stop().catch(error => init.log?.error('Stopping failed: %o', error))
  }
  try {
    return await compose(init, started, stopAll)
  } catch (error) {
    await stopAll()
    throw error
  }
}

async function compose(init: TwinInit, started: (() => Promise<void>)[], stopAll: () => Promise<void>): Promise<Twin> {
  const { log = silentLogger } = init
  const home = typeof init.home === 'object' ? init.home : homeAt(init.home, process.env)
  const startedAt = Date.now()
  const [config, identity] = await Promise.all([readConfig(home), readIdentity(home)])
  const crypto = nodeCrypto()
  const { secrets } = await loadDeviceKeys(home.keys, init.passphrase)
  const keys = secretsToDeviceKeys(secrets, crypto)
  const twin = textToTwin(config.id)
  const me = {
    twin,
    device: identity.number,
    signer: keys.signing,
    unsealer: keys.encryption,
    recovery: identity.recovery
  }

  const db = await openDatabase(home.store)
  started.push(() => db.close())
  const directory = new DeviceDirectory({ crypto, store: deviceListStore(db) })
  await directory.load(twin)
  await directory.receive(twin, identity.records)

  // Spaces and hello ask who is a contact, contacts live in a space: the book is read before anybody can ask
  const people: { contacts?: Contacts; mailboxes?: TwinMailbox } = {}
  const isContact = (other: Uint8Array) => people.contacts?.classOf(twinToText(other)) === 'contact'
  const kinds = [chatKind, keyValueKind, noteKind]
  const spaces = await createSpaces({
    me,
    formerDevices: config.former === undefined ? undefined : [config.former],
    createSelf: !hasOtherNodes(directory.get(twin), identity.number),
    db,
    crypto,
    directory,
    kinds,
    log,
    asksFirst: true,
    mayOffer: isContact,
    // A conversation opens by itself; a namespace is asked about
    autoAccept: kind => kind === 'direct' || kind === 'group',
    hasRoom: () => hasRoomToOpen(home.store),
    inMailbox: (space, log, other) => people.mailboxes?.heldFor(space, log, other) ?? 0,
    defer: run => setImmediate(run)
  })
  // Device lists and what mailboxes have are written beside the spaces
  fenceDatabase(db, () => spaces.probe())
  await spaces.start()
  started.push(() => spaces.stop())
  // Before anybody is met: a keeper that was off for years is let in by all whom it tells of the renewal
  const renewal = new CertificateRenewal({ me, directory, log })
  await renewal.start()
  started.push(() => renewal.stop())

  const newMesh = (more: Partial<MeshInit>) =>
    makeMesh({
      transportKey: secrets.transport,
      home: home.folder,
      port: init.port,
      host: init.listen,
      bootstrap: init.bootstrap,
      mdns: init.mdns,
      publicDht: init.publicDht === undefined ? undefined : { bootstrap: init.publicDht.bootstrap ?? publicBootstrap },
      log,
      ...more
    })
  const transport = keys.transport.publicKey
  await awaitSelf({ me: { twin, transport }, makeMesh: () => newMesh({}), directory, crypto, spaces, log })
  const mesh = await newMesh({ endsWithProcess: init.endsWithProcess })
  started.push(() => mesh.stop())

  const connections = new Connections({
    me: { twin, transport },
    mesh,
    directory,
    crypto,
    spaces,
    isContact,
    expectedHead: other => people.contacts?.expectedHead(twinToText(other)),
    onMet: (other, peer) => people.mailboxes?.met(other, peer),
    log
  })
  started.push(() => connections.stop())
  const hold = new Hold(home, config.isOnHold === true)
  const ownProfile = new OwnCalls(() => server, { twin: config.id, device: identity.number })
  const name = async () => (await ownProfile.client(profileProtocol).get({})).name || config.name
  const contacts = new Contacts({
    me,
    spaces,
    crypto,
    reach: (id, options) => (hold.isOn ? Promise.reject(onHold()) : connections.reach(id, options)),
    name,
    hints: async () => inviteHints(mesh, directory, twin, config.id),
    onSequence: (id, sequence) => {
      mesh.expectSequence(id, BigInt(sequence)).catch(error => log.error('A hint was not kept: %o', error))
    },
    log
  })
  people.contacts = contacts
  const parts = { me, keys, db, crypto, directory, spaces, mesh, connections, contacts, name, log }
  const mailboxes = new TwinMailbox({ ...parts, server: () => server })
  people.mailboxes = mailboxes
  await mailboxes.load()

  let requestStop = () => {}
  const stopRequested = new Promise<void>(resolve => {
    requestStop = resolve
  })
  const isConnected = (peer: string) => mesh.isConnected(peer)
  const lastSeen = await LastSeen.open({ home, mesh, directory, twin, log })
  started.push(() => lastSeen.stop())
  const blobs = await openBlobs(home.blobs, {
    crypto,
    spaces,
    kinds: kinds.map(({ kind }) => kind),
    graceMs: () => blobGraceMs(directory.get(twin))
  })
  const components = {
    me,
    spaces,
    crypto,
    contacts,
    directory,
    isConnected,
    mailbox: mailboxes.mailbox,
    blobs,
    ...(identity.number === 1 && { firstName: config.name }),
    reach: connections.reach.bind(connections),
    ownChannels: () => connections.peersOf(config.id).map(peer => () => connections.channelTo(peer)),
    addresses: () => mesh.addresses(),
    channelTo: (peer: string) => connections.channelTo(peer),
    placeOf: (peer: string) => placeOf(mesh, peer),
    lastSeenAt: (peer: string) => lastSeen.of(peer),
    consoleUrl: (kind: 'claim' | 'pair', level: 'view' | 'normal') =>
      init.consoleUrl?.(kind === 'pair' ? level : undefined) ?? defaultConsoleUrl,
    log
  }
  const bootstrapPeers = new Set((init.bootstrap ?? []).map(address => address.split('/p2p/').at(-1)))
  const capabilities = await Promise.all(Object.values(registry).map(({ service }) => service(components)))
  const self = node()({
    home,
    id: config.id,
    device: mesh.peer,
    deviceNumber: identity.number,
    startedAt,
    mesh,
    spaces,
    directory,
    contacts,
    capabilities: capabilities.map(({ protocol }) => protocol),
    twinOf: peer => connections.twinOf(peer),
    refusing: () => connections.certificate.refusing().flatMap(peer => connections.twinOf(peer) ?? []),
    isBootstrap: peer => bootstrapPeers.has(peer),
    hasBootstrap: bootstrapPeers.size > 0,
    client: protocol => ownProfile.client(protocol),
    requestStop: () => setImmediate(requestStop),
    hold,
    setbacks: new Setbacks(spaces),
    consoleUrl: init.consoleUrl?.(),
    backup: { home, db, me, directory, blobs }
  })
  const services = [...capabilities, self, connections.sync]
  const server = createServer({
    services,
    authorize: ownGuard({ twin, directory }),
    explain: explainStore,
    log,
    ...serverLimits(mesh.limits)
  })
  started.push(() => server.stop())
  for (const service of [...capabilities, self]) {
    await service.start()
    started.push(() => service.stop())
  }
  await connections.start(server, withHold(contacts, hold))
  hold.onLifted(() => connections.deliverAll())
  await mesh.start()
  mailboxes.start()
  started.push(() => mailboxes.stop())
  await mesh.publish({
    owner: { twin, record: identity.ownerRecord },
    node: async addrs => {
      const head = await mailboxes.head()
      return encodeNodeRecord({ twin, addrs, protocols: server.protocolIds, head, at: Date.now() })
    },
    contacts: () => contacts.wanted().map(textToTwin)
  })

  let resolveStopped = () => {}
  const stopped = new Promise<void>(resolve => {
    resolveStopped = resolve
  })
  let stopping: Promise<void> | undefined
  return {
    id: config.id,
    device: mesh.peer,
    deviceNumber: identity.number,
    addresses: () => mesh.addresses(),
    client: protocol => ownProfile.client(protocol),
    server,
    spaces,
    mesh,
    stopRequested,
    stopped,
    stop: () => {
      stopping ??= stopAll().finally(resolveStopped)
      return stopping
    }
  }
}
