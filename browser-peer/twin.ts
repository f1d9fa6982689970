import { twinToText } from '../crdt/identity/index.ts'
import type { Spaces } from '../crdt/spaces/index.ts'
import {
  type AnyProtocol,
  type Channel,
  type Client,
  createClient,
  type Logger,
  silentLogger
} from '../protocols/core/index.ts'
import { type Device, openDevice } from './device.ts'
import { type Leading, lead } from './leading-twin.ts'
import { LightError } from './light-error.ts'
import { LoneTab } from './lone-tab.ts'
import type { OpenNote } from './open-note.ts'
import type { Path } from './own-nodes.ts'
import { Tabs } from './tabs.ts'
import { Listeners, type Refusal, type TwinEvents } from './twin-event.ts'

export interface TwinInit {
  /** This browser; default the device that is kept here */
  readonly device?: Device
  /** Whether an address may be dialled, of a node, another page or a relay; default every one that can be a twin's */
  readonly mayDial?: (address: string) => boolean
  readonly log?: Logger
}

/** The light twin of a page. Tabs of one browser share one peer, and each has a `Twin`. */
export interface Twin {
  /** Twin id */
  readonly id: string
  /** Peer id of this browser */
  readonly device: string
  readonly deviceNumber: number
  /**
   * Calls a capability as the owner. Some answer in the page, online or not; the rest are asked of the own twin, and reject with
   * `Unavailable` while it is out of reach.
   */
  client<P extends AnyProtocol>(protocol: P): Client<P>
  /** The spaces, in the tab that runs the peer; undefined in others */
  readonly spaces: Spaces | undefined
  /**
   * Opens a note for an editor, with those who write in it from their browsers: directly connected where that can be, so that they go on
   * when no twin is in reach. In a tab that does not run the peer what is typed goes through the one that does.
   */
  editNote(note: string): Promise<OpenNote>
  /** Whether the peer runs in this tab */
  readonly isLeading: boolean
  /** How the own twin is reached */
  path(): Path
  /** Entries written here that no node of the twin has yet: with this browser they would be lost */
  unsynced(): number
  /** Why the twin does not let this browser in any more, if it does not; may be known before anybody can listen */
  refused(): Refusal | undefined
  on<K extends keyof TwinEvents>(event: K, listener: (detail: TwinEvents[K]) => void): () => void
  stop(): Promise<void>
}

/** What a tab knows of the peer in another. */
interface PeerState {
  readonly path: Path
  readonly unsynced: number
  readonly refused?: Refusal
}

/**
 * Runs the light peer of this browser, or joins the tab that runs it. Resolves when calls can be made; whether the twin is in reach is
 * told by `path()`.
 *
 * @throws {LightError} `not-paired`, `storage-lost` or `unsupported`
 */
export async function createTwin(init: TwinInit = {}): Promise<Twin> {
  const { log = silentLogger } = init
  const device = init.device ?? (await openDevice())
  const { identity } = device
  if (identity === undefined) {
    if (init.device === undefined) device.close()
    throw new LightError('not-paired', 'This browser is not paired with a twin yet')
  }
  const listeners = new Listeners()
  const run = { current: undefined as Leading | undefined }
  let state: PeerState = { path: { state: 'connecting' }, unsynced: 0 }
  // A borrowed device is in the memory of its tab, so no other knows of it
  const tabs = new (device.isBorrowed ? LoneTab<PeerState> : Tabs<PeerState>)({
    name: `twinmesh/${device.peer}`,
    lead: async () => {
      const leading = await lead({
        device,
        identity: device.identity ?? identity,
        listeners,
        mayDial: init.mayDial,
        log
      })
      run.current = leading
      listeners.emit('leading', {})
      const told = (): PeerState => {
        const refused = leading.refused()
        return { path: leading.path(), unsynced: leading.unsynced(), ...(refused !== undefined && { refused }) }
      }
      return { channel: leading.channel, state: told }
    },
    onState: told => {
      const before = state
      state = told
      listeners.emit('path', { path: told.path })
      if (told.unsynced !== before.unsynced) listeners.emit('unsynced', { count: told.unsynced })
      if (told.refused !== undefined && told.refused !== before.refused) {
        listeners.emit('refused', { reason: told.refused })
      }
    },
    log
  })
  const clients = new Map<AnyProtocol, Client<AnyProtocol>>()
  const channel = (): Promise<Channel> => tabs.channel()
  const client = <P extends AnyProtocol>(protocol: P): Client<P> => {
    const known = clients.get(protocol) ?? createClient<AnyProtocol>(protocol, channel)
    clients.set(protocol, known)
    // Filed under the very contract it was made from
    return known as unknown as Client<P>
  }
  const stopped = new AbortController()
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll()
    return stopping
  }
  const stopAll = async () => {
    stopped.abort()
    await Promise.all([...clients.values()].map(client => client.close()))
    await run.current?.stop()
    await tabs.stop()
    if (init.device === undefined) device.close()
  }
  listeners.on('path', () => tabs.tellState())
  listeners.on('unsynced', () => tabs.tellState())
  listeners.on('refused', () => tabs.tellState())
  device.onLost(() => {
    listeners.emit('storage-lost', {})
    stop().catch(error => log.error('Stopping failed: %o', error))
  })
  try {
    await tabs.start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    id: twinToText(identity.twin),
    device: device.peer,
    deviceNumber: identity.number,
    client,
    get spaces() {
      return run.current?.spaces
    },
    editNote: async note => {
      if (run.current !== undefined) return await run.current.editNote(note)
      const { openTabNote } = await import('./tab-notes/index.ts')
      return await openTabNote({ client, note, signal: stopped.signal })
    },
    get isLeading() {
      return tabs.isLeading
    },
    path: () => run.current?.path() ?? state.path,
    unsynced: () => run.current?.unsynced() ?? state.unsynced,
    refused: () => (run.current === undefined ? state.refused : run.current.refused()),
    on: (event, listener) => listeners.on(event, listener),
    stop
  }
}
