import { BlobError } from '../crdt/blobs/index.ts'
import type { Crypto } from '../crdt/crypto/index.ts'
import { type DeviceDirectory, twinToText } from '../crdt/identity/index.ts'
import {
  createSpaces,
  type Database,
  keyValue,
  keyValueKind,
  type LiveText,
  type Space,
  type Spaces
} from '../crdt/index.ts'
import { blobsProtocol } from '../protocols/blobs/protocol.ts'
import { chat, chatKind, chatProtocol } from '../protocols/chat/index.ts'
import { contactsNamespace, type People, readPeople } from '../protocols/contacts/index.ts'
import {
  type Channel,
  createClient,
  createServer,
  type Logger,
  ProtocolError,
  type ProtocolServer
} from '../protocols/core/index.ts'
import { kv, kvProtocol } from '../protocols/kv/index.ts'
import { login, loginProtocol } from '../protocols/login/index.ts'
import { editNote, noteKind, notesPolicy, notesProtocol } from '../protocols/notes/index.ts'
import { profile, profileProtocol } from '../protocols/profile/index.ts'
import { explainStore, sync, syncWith } from '../protocols/sync/index.ts'
import { behindFrame } from './behind-frame.ts'
import type { Synced } from './connections.ts'
import type { Device } from './device.ts'
import { gatherTyped } from './gather-typed.ts'
import { macrotask } from './macrotask.ts'
import type { OpenNote } from './open-note.ts'
import { pageNotes } from './page-notes.ts'
import { pageSight } from './page-sight.ts'
import { PageSpaces } from './page-spaces.ts'
import { spaceArrived } from './space-arrived.ts'
import { tabNotes, tabNotesProtocol } from './tab-notes/index.ts'
import { withTwin } from './with-twin.ts'

export interface LocalTwinInit {
  readonly device: Device
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly db: Database
  readonly crypto: Crypto
  readonly directory: DeviceDirectory
  /** The own twin, for what only its nodes may do */
  readonly twin: Channel
  /** A note for an editor in another tab */
  readonly openNote: (note: string) => Promise<OpenNote>
  readonly log: Logger
}

/** What of the twin is in the page: its spaces, and the capabilities that answer from them whether or not the twin is in reach. */
export interface LocalTwin extends Synced {
  readonly spaces: Spaces
  /** Answers once the first copy of the twin's own space has arrived */
  readonly server: Promise<ProtocolServer>
  onPeople(listener: () => void): void
  /** A note of a notebook that is here, for an editor. @throws {ProtocolError} `NotFound` */
  editNote(notebook: string, note: string): Promise<LiveText>
  /** Entries that no node of the twin has yet */
  unsynced(): number
  stop(): Promise<void>
}

/** Capabilities that answer in the page. */
export const localNames: ReadonlySet<string> = new Set(
  [chatProtocol, kvProtocol, loginProtocol, notesProtocol, profileProtocol, tabNotesProtocol].map(({ name }) => name)
)

export async function openLocalTwin(init: LocalTwinInit): Promise<LocalTwin> {
  const { device, db, crypto, directory, log } = init
  const me = { ...init.me, signer: device.keys.signing, unsealer: device.keys.encryption }
  const found: { people?: People } = {}
  const isContact = (twin: string) => found.people?.classOf(twin) === 'contact'
  const defer = macrotask()
  const stopped = new AbortController()
  const sight = pageSight(stopped.signal)
  const spaces = await createSpaces({
    me,
    db,
    crypto,
    directory,
    kinds: [chatKind, keyValueKind, noteKind],
    createSelf: false,
    asksFirst: true,
    mayOffer: twin => isContact(twinToText(twin)),
    autoAccept: kind => kind === 'direct' || kind === 'group',
    // A notebook is written in the train too; a shared namespace comes once somebody asks for it
    replicates: (kind, policy) => kind !== 'shared' || policy === notesPolicy,
    defer,
    deferTyped: behindFrame(defer, sight),
    gatherTyped: gatherTyped({ sight }),
    log
  })
  await spaces.start()
  const { replica } = spaces
  const stops: (() => unknown)[] = [() => spaces.stop()]
  const listeners = new Set<() => void>()
  const server = compose()
  server.catch(error => log.debug('The capabilities of the page did not start: %o', error))
  return {
    spaces,
    replica,
    isContact,
    sync: sync()({ replica, log }),
    syncWith: (remote, channel, signal) => syncWith({ replica, remote, channel, log }, { signal }),
    server,
    onPeople: listener => listeners.add(listener),
    editNote: (notebook, note) => editNote(openNotebook(notebook), note, { nameOf }),
    unsynced: () => spaces.list().reduce((sum, space) => sum + space.unsynced, 0),
    stop: async () => {
      stopped.abort()
      await server.catch(() => {})
      for (const stop of stops.splice(0).reverse()) await stop()
    }
  }

  function openNotebook(id: string): Space {
    const space = spaces.list().find(({ text, state }) => text === id && state === 'open')
    if (space !== undefined) return space
    throw new ProtocolError('NotFound', 'The notebook has not arrived in this browser yet: try again in a moment')
  }

  function nameOf(twin: string): string {
    return found.people?.nameOf(twin) ?? ''
  }

  async function compose(): Promise<ProtocolServer> {
    // The private space, which other capabilities stand on
    await spaceArrived(spaces, ({ kind, hasKey }) => kind === 'self' && hasKey, stopped.signal)
    const reader = await readPeople(keyValue(spaces.self, contactsNamespace))
    stops.push(() => reader.stop())
    const contacts = reader.people
    found.people = contacts
    contacts.onChange(() => {
      for (const listener of listeners) listener()
    })
    for (const listener of listeners) listener()
    const components = {
      me,
      contacts,
      crypto,
      directory,
      spaces: new PageSpaces(spaces),
      blobs: { hold: (address: string) => holdAtTwin(init.twin, address) },
      log
    }
    const chatOfTwin = createClient(chatProtocol, init.twin)
    const services = [
      withTwin(chat()(components), ['createGroup', 'addMember'], {
        ...chatOfTwin,
        // Whoever made a group goes on with it here
        createGroup: async (request, options) => {
          const made = await chatOfTwin.createGroup(request, options)
          await spaceArrived(spaces, ({ text, hasKey }) => text === made.id && hasKey, options?.signal)
          return made
        }
      }),
      withTwin(kv()(components), ['share'], createClient(kvProtocol, init.twin)),
      pageNotes(components, spaces, createClient(notesProtocol, init.twin)),
      profile()(components),
      // With the key of this browser, also while the twin is out of reach
      login()(components),
      tabNotes()({ open: init.openNote })
    ]
    for (const service of services) {
      await service.start()
      stops.push(() => service.stop())
    }
    const made = createServer({ services, explain: explainStore, log })
    stops.push(() => made.stop())
    return made
  }
}

/** A page has no files: what a message refers to was stored on the twin, which keeps it for an hour until the reference arrives. */
async function holdAtTwin(twin: Channel, address: string): Promise<() => void> {
  const blobs = createClient(blobsProtocol, twin)
  try {
    const { has } = await blobs.has({ address })
    if (!has) throw new BlobError('missing', 'The file is not on the twin')
    return () => {}
  } finally {
    await blobs.close()
  }
}
