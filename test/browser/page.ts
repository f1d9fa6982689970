/** What runs in the pages that the specs open: the light peer behind functions whose arguments and answers are JSON. */
import {
  createTwin,
  type Device,
  LightError,
  openDevice,
  type Path,
  reachNode,
  type Twin,
  type TwinInit
} from '../../browser-peer/index.ts'
import { claimTwin, textToTwin } from '../../crdt/identity/index.ts'
import { blobsProtocol } from '../../protocols/blobs/protocol.ts'
import { chatProtocol } from '../../protocols/chat/protocol.ts'
import { contactsProtocol } from '../../protocols/contacts/protocol.ts'
import { type AnyProtocol, createClient, type ProtocolError } from '../../protocols/core/index.ts'
import { devicesProtocol } from '../../protocols/devices/protocol.ts'
import { helloProtocol } from '../../protocols/hello/protocol.ts'
import { kvProtocol } from '../../protocols/kv/protocol.ts'
import { notesProtocol } from '../../protocols/notes/protocol.ts'
import { profileProtocol } from '../../protocols/profile/protocol.ts'
import { spacesProtocol } from '../../protocols/spaces/protocol.ts'
import { noteFunctions } from './note-functions.ts'

const contracts: Readonly<Record<string, AnyProtocol>> = {
  chat: chatProtocol,
  contacts: contactsProtocol,
  devices: devicesProtocol,
  kv: kvProtocol,
  notes: notesProtocol,
  profile: profileProtocol,
  spaces: spacesProtocol
}

/** Bytes as lists of numbers, which JSON can say. */
export interface PageClaims {
  readonly keys: { readonly transport: number[]; readonly signing: number[]; readonly encryption: number[] }
  readonly bySigning: number[]
  readonly byTransport: number[]
}

export interface PageIdentity {
  readonly twin: string
  readonly number: number
  readonly records: readonly (readonly number[])[]
  readonly nodes: readonly string[]
}

let device: Device | undefined
let twin: Twin | undefined
let events: string[] = []
/** Transports by which the twin was reached, in order */
const transports: string[] = []
let isCut = false

export const functions = {
  /** Opens the device and says what it claims towards the twin. */
  async claim(id: string, isBorrowed = false, isFresh = false): Promise<PageClaims> {
    device = await openDevice({ isBorrowed, isFresh })
    const { keys, bySigning, byTransport } = await claimTwin(textToTwin(id), device.keys)
    return {
      keys: { transport: [...keys.transport], signing: [...keys.signing], encryption: [...keys.encryption] },
      bySigning: [...bySigning],
      byTransport: [...byTransport]
    }
  },

  /** Connects to a node that does not know this browser, and asks it what it tells anybody. Answers its peer id and how long its list is. */
  async reach(id: string, nodes: readonly string[]): Promise<{ peer: string; records: number }> {
    const reached = await reachNode(device!, nodes)
    try {
      const { records } = await createClient(helloProtocol, reached.channel).devices({ twin: textToTwin(id) })
      return { peer: reached.peer, records: records.length }
    } finally {
      await reached.close()
    }
  },

  async adopt({ twin: id, number, records, nodes }: PageIdentity): Promise<void> {
    const lists = records.map(record => Uint8Array.from(record))
    await device!.adopt({ twin: textToTwin(id), number, records: lists, nodes })
  },

  /** Starts the peer; `dials` is a pattern of the addresses that are dialled. Answers the code of the error, if it does not. */
  async start(dials = ''): Promise<string> {
    const init: TwinInit = { device, mayDial: address => !isCut && new RegExp(dials).test(address) }
    try {
      device ??= await openDevice()
      const started = await createTwin({ ...init, device })
      twin = started
      for (const name of ['path', 'unsynced', 'ready', 'storage-lost', 'leading'] as const) {
        started.on(name, () => events.push(name))
      }
      started.on('refused', () => events.push('refused'))
      started.on('path', ({ path }) => notePath(path))
      notePath(started.path())
      return 'started'
    } catch (error) {
      return error instanceof LightError ? error.code : String((error as Error).stack ?? error)
    }
  },

  /** How long the twin takes to answer a call, in ms. */
  async callMs(): Promise<number> {
    const since = performance.now()
    await twin!.client(devicesProtocol).list({})[Symbol.asyncIterator]().next()
    return performance.now() - since
  },

  async stop(): Promise<void> {
    await twin?.stop()
    device?.close()
    twin = undefined
    device = undefined
    events = []
  },

  /** What becomes of a device that is opened now. */
  async reopen(): Promise<string> {
    try {
      device = await openDevice()
      return device.identity === undefined ? 'not-paired' : 'paired'
    } catch (error) {
      return error instanceof LightError ? error.code : String(error)
    }
  },

  async peer(): Promise<string | undefined> {
    return device?.peer
  },

  /** Nothing is dialled, as in a train, or everything again. */
  cut(isNow: boolean): void {
    isCut = isNow
    if (!isNow) dispatchEvent(new Event('online'))
  },

  state() {
    return {
      path: twin?.path(),
      unsynced: twin?.unsynced(),
      refused: twin?.refused(),
      isLeading: twin?.isLeading,
      events,
      transports,
      device: twin?.device
    }
  },

  /** A unary call, or all items of a stream; errors as `{ code, message }`. */
  async call(name: string, method: string, request: object): Promise<unknown> {
    // Contracts are looked up by name here, so their methods have no types
    const client = twin!.client(contracts[name]!) as unknown as Record<string, (request: object) => unknown>
    try {
      const answer = client[method]!(request)
      return toJson(Symbol.asyncIterator in Object(answer) ? await all(answer as AsyncIterable<unknown>) : await answer)
    } catch (error) {
      return { code: (error as ProtocolError).code, message: (error as Error).message }
    }
  },

  ...noteFunctions(() => twin!),

  /** From nothing to a connection with the twin by such an address, in ms. */
  async startUntilConnected(dials: string): Promise<number> {
    const since = performance.now()
    const answer = await functions.start(dials)
    if (answer !== 'started') throw new Error(answer)
    const started = twin!
    await new Promise<void>(resolve => {
      const look = () => {
        if (started.path().state === 'connected') resolve()
      }
      started.on('path', look)
      look()
    })
    return performance.now() - since
  },

  /** Stores a file on the twin and sends it with a message. */
  async sendFile(who: string, name: string, text: string): Promise<unknown> {
    const data = new TextEncoder().encode(text)
    const up = (async function* () {
      yield { data }
    })()
    for await (const { reference } of twin!.client(blobsProtocol).put({ name, type: 'text/plain' }, up)) {
      if (reference === undefined) continue
      return toJson(await twin!.client(chatProtocol).send({ who, text: name, attachments: [reference] }))
    }
    throw new Error('The twin stored nothing')
  },

  /** Names of all that this origin keeps. */
  async kept(): Promise<string[]> {
    const databases = await indexedDB.databases()
    return [
      ...databases.map(({ name }) => `database ${name}`),
      ...Object.keys(localStorage).map(key => `local ${key}`),
      ...Object.keys(sessionStorage).map(key => `session ${key}`),
      ...(await caches.keys()).map(key => `cache ${key}`)
    ]
  },

  /** Removes databases whose names contain a text. */
  async wipe(part: string): Promise<void> {
    for (const { name } of await indexedDB.databases()) if (name?.includes(part)) await removed(name)
  }
}

export type Light = typeof functions

declare global {
  var light: Light
}
globalThis.light = functions

function notePath(path: Path): void {
  if (path.state === 'connected' && path.transport !== transports.at(-1)) transports.push(path.transport)
}

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const item of items) found.push(item)
  return found
}

function removed(name: string): Promise<void> {
  const request = indexedDB.deleteDatabase(name)
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })
}

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : part)))
}
