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
import { type AnyProtocol, type Client, createClient } from '../../../protocols/core/index.ts'
import { hostilePlaces } from './hostile-places.ts'
import { keep } from './keep.ts'
import { gather, type People } from './people.ts'
import { script } from './script.ts'
import { scriptedClients } from './scripted-services.ts'
import { type Shown, showHostile } from './show-hostile.ts'
import { fixTime, immediate } from './stage.ts'
import { talk } from './talk.ts'
import { openNote, write } from './write.ts'

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
  const isNew = location.search.includes('new')
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
  const scripted = scriptedClients(lines)
  const clients = new Map<AnyProtocol, unknown>()
  const channel = ada.as('owner')
  const byName: Record<string, unknown> = {}
  // A spec may put itself between the console and its twin
  Object.assign(globalThis, { clients: byName })
  const state = { path: new URLSearchParams(location.search).has('offline') ? undefined : ('loopback' as const) }
  return {
    id: ada.id,
    device: ada.id,
    deviceNumber: 2,
    isBorrowed: false,
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
    onChange: () => () => {},
    openText: async note => toLiveText(await openNote(people, 'ada', note)),
    forget: async () => {},
    stop: () => ada.halt()
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

startConsole({ root: document.getElementById('root')!, entrance, ...(link !== undefined && { link }) })
