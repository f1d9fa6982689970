/**
 * The console with twins of the specs behind it, for screenshots and for specs of the pages: conversations, contacts, values and
 * notes are real services on real spaces in this page, with people who really answer. `script.ts` tells what one page cannot have.
 */
import {
  type ConsoleTwin,
  type Entrance,
  startConsole,
  takeLink,
  toLiveText
} from '../../../browser-peer/console/index.ts'
import { startVisit } from '../../../browser-peer/console/visit/start-visit.tsx'
import {
  type AnyProtocol,
  type Channel,
  type Client,
  createClient,
  ProtocolError
} from '../../../protocols/core/index.ts'
import { hostilePlaces } from './hostile-places.ts'
import { keep } from './keep.ts'
import { gather, type People } from './people.ts'
import { script } from './script.ts'
import { scriptedClients } from './scripted-services.ts'
import { type Shown, showHostile } from './show-hostile.ts'
import { fixTime, immediate } from './stage.ts'
import { talk } from './talk.ts'
import { openNote, write } from './write.ts'

type ScenePath = ReturnType<ConsoleTwin['path']>

// Before it is taken out of the address
const asked = new URLSearchParams(location.search)
const link = takeLink()
immediate()
fixTime()

export type HostilePlace = keyof ReturnType<typeof hostilePlaces>

declare global {
  /** For specs: whoever can turns hostile */
  var turnHostile: (place: HostilePlace, texts: readonly string[]) => Promise<Shown>
}

async function play(): Promise<ConsoleTwin> {
  const isNew = asked.has('new')
  const people = await gather({ isNew })
  const lines = script(people)
  if (!isNew) {
    await talk(people)
    await keep(people)
    const places = hostilePlaces({ people, lines, marieWrites: await write(people) })
    globalThis.turnHostile = (place, texts) => showHostile(places[place], texts)
  }
  return toConsoleTwin(people, lines)
}

function toConsoleTwin(people: People, lines: ReturnType<typeof script>): ConsoleTwin {
  const { ada } = people
  const listeners = new Set<() => void>()
  const state: { path: ScenePath } = { path: asked.has('offline') ? undefined : 'loopback' }
  const isReached = () => state.path !== undefined
  const scripted = scriptedClients(lines, channel => whileSo(isReached, channel))
  const clients = new Map<AnyProtocol, unknown>()
  const byName: Record<string, unknown> = {}
  // A spec may put itself between the console and its twin
  Object.assign(globalThis, { clients: byName })
  // Where a test asks for it, nothing of the twin has arrived in this browser yet
  const channel = asked.has('bare') ? whileSo(isReached, ada.as('owner')) : ada.as('owner')
  addEventListener('scene-path', event => {
    const { path, isTold = true } = (event as CustomEvent<{ path: ScenePath; isTold?: boolean }>).detail
    state.path = path
    if (isTold) for (const listener of [...listeners]) listener()
  })
  return {
    id: ada.id,
    device: ada.id,
    deviceNumber: 2,
    isBorrowed: false,
    isViewOnly: asked.has('looks'),
    visitUntil: asked.has('looks') ? Date.now() + 3_600_000 : undefined,
    client: <P extends AnyProtocol>(protocol: P) => {
      const client = scripted.get(protocol) ?? clients.get(protocol) ?? createClient(protocol, channel)
      clients.set(protocol, client)
      byName[protocol.name] = client
      // Filed under the very contract it was made from
      return client as Client<P>
    },
    path: () => state.path,
    unsynced: () => (state.path === undefined ? 3 : 0),
    trouble: () => undefined,
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    openText: async note => toLiveText(await openNote(people, 'ada', note)),
    forget: async () => {},
    stop: () => ada.halt()
  }
}

/** Calls are refused while it is not so. */
function whileSo(isSo: () => boolean, channel: Channel): Channel {
  return {
    get relayed() {
      return channel.relayed
    },
    closed: channel.closed,
    openStream: async (ids, options) => {
      if (!isSo()) throw new ProtocolError('Unavailable', 'Your twin is not reached')
      return await channel.openStream(ids, options)
    },
    close: () => channel.close()
  }
}

const entrance: Entrance = {
  open: async () => {
    if (asked.has('lost')) return 'lost'
    return link !== undefined || asked.has('first') ? undefined : await play()
  },
  connect: async (_link, { onCode, signal }) => {
    const words = { kind: 'words', text: 'copper · lantern · ninety' } as const
    const elsewhere = asked.has('elsewhere') && { confirm: () => dispatchEvent(new Event('scene-approve')) }
    onCode(link?.kind === 'claim' ? { ...words, ...elsewhere } : { kind: 'digits', text: '493027' })
    return await new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
      addEventListener('scene-approve', () => resolve(play()))
    })
  }
}

const root = document.getElementById('root')!
// As the page itself does
if (isSecureContext) startConsole({ root, entrance, ...(link !== undefined && { link }) })
else startVisit(root, link)
