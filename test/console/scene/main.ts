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
import { keep } from './keep.ts'
import { gather, type People } from './people.ts'
import { script } from './script.ts'
import { scriptedClients } from './scripted-services.ts'
import { fixTime, immediate } from './stage.ts'
import { talk } from './talk.ts'
import { openNote, write } from './write.ts'

// Before it is taken out of the address
const asked = new URLSearchParams(location.search)
const link = takeLink()
immediate()
fixTime()

async function play(): Promise<ConsoleTwin> {
  const isNew = location.search.includes('new')
  const people = await gather({ isNew })
  if (!isNew) {
    await talk(people)
    await keep(people)
    await write(people)
  }
  Object.assign(globalThis, { people })
  return toConsoleTwin(people)
}

function toConsoleTwin(people: People): ConsoleTwin {
  const { ada } = people
  const scripted = scriptedClients(script(people))
  const clients = new Map<AnyProtocol, unknown>()
  const channel = ada.as('owner')
  const state = { path: new URLSearchParams(location.search).has('offline') ? undefined : ('loopback' as const) }
  return {
    id: ada.id,
    device: ada.id,
    deviceNumber: 2,
    isBorrowed: false,
    client: <P extends AnyProtocol>(protocol: P) => {
      const client = scripted.get(protocol) ?? clients.get(protocol) ?? createClient(protocol, channel)
      clients.set(protocol, client)
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
