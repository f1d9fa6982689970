import * as Y from 'yjs'
import { notesPolicy } from '../../../protocols/notes/index.ts'
import type { People } from './people.ts'
import type { script } from './script.ts'
import type { OpenNote } from './write.ts'

/** What shows a text, and as what */
export type Look = readonly [selector: string, shown?: (text: string) => string]

/** Where the console shows what others have written or called something. */
export interface Place {
  /** Behind the # of the address */
  readonly at: string
  /** What is pressed there, by the words on it */
  readonly presses?: readonly string[]
  /** Has others write or be called this, or the twin tell of it: all at once, or each in place of the one before */
  readonly all?: (texts: readonly string[]) => Promise<unknown>
  readonly one?: (text: string) => Promise<unknown>
  readonly looks: readonly Look[]
}

export interface Stage {
  readonly people: People
  readonly lines: ReturnType<typeof script>
  /** The shared note that Marie has open, in which her cursor stands */
  readonly marieWrites: OpenNote
}

/** Invisible characters that turn text around: names have none, whoever gives them. */
const clean = (text: string) => text.replaceAll('\u202e', '')
/** No name of a file has a slash, whoever sends it. A message that is just that name is not shown beside it. */
const toFileName = (text: string) => `${clean(text).replaceAll(/[/\\]/g, '∕')}.svg`
const toCursorName = (text: string) => clean(text).slice(0, 40)
/** An address, as sites have one */
const toSite = (text: string) => (URL.canParse(text) ? text : `https://evil.test/${text}`)
const toHost = (text: string) => new URL(toSite(text)).host
const toOrigin = (text: string) => `${new URL(toSite(text)).protocol}//${toHost(text)}`

export function hostilePlaces({ people, lines, marieWrites }: Stage) {
  const { ada, marie, world } = people
  const who = ada.id
  const { live, note } = marieWrites
  // Whoever came last knocks
  const nadia = world.twins.at(-1)!
  const call = (text: string) => ada.owner.rename({ who: marie.id, name: clean(text) })
  return {
    messages: {
      at: `#/chats/${marie.id}`,
      all: each(async text => {
        const pieces = new Blob([text]).stream() as unknown as AsyncIterable<Uint8Array>
        const file = await marie.blobsHere.put(pieces, { name: toFileName(text), type: 'image/svg+xml' })
        const { id } = await marie.chat.send({ who, text, attachments: [file] })
        await marie.chat.react({ who, id, emoji: text.slice(0, 32) })
      }),
      looks: [['.message-text'], ['.file-name', toFileName], ['.reaction', text => text.slice(0, 32)]]
    },
    groups: {
      at: '#/chats',
      // Past what her own twin would refuse
      all: each(async text => {
        const space = await marie.spaces.create({ kind: 'group', name: text, members: [ada.twin] })
        await marie.chat.send({ who: space.text, text })
      }),
      looks: [['a.item strong', clean], ['a.item span.clip']]
    },
    petname: {
      at: `#/people/${marie.id}`,
      one: call,
      looks: [
        ['.person h2', clean],
        ['.items strong', clean]
      ]
    },
    knock: {
      at: '#/people',
      one: async text => {
        await ada.owner.remove({ who: nadia.id })
        await nadia.owner.remove({ who })
        // All strangers together knock that often
        world.advance(60_000)
        await nadia.profile.set({ name: text })
        await nadia.owner.add({ who, message: text })
      },
      looks: [['.knock strong', clean], ['.knock-words']]
    },
    'notebooks on offer': {
      at: '#/notes',
      all: each(async text => {
        const init = { kind: 'shared', policy: notesPolicy, name: text, members: [ada.twin] } as const
        const space = await marie.spaces.create(init)
        await marie.notes.create({ notebook: space.text, text })
      }),
      looks: [['.notice strong', clean]]
    },
    notebooks: {
      at: '#/notes',
      all: async () => {
        const offers = []
        for await (const offer of ada.notes.offers({})) offers.push(offer)
        for (const { id } of offers) await ada.notes.accept({ notebook: id })
      },
      looks: [
        ['.notebook h3', clean],
        ['.item-note strong', clean]
      ]
    },
    note: {
      at: `#/notes/${note}`,
      one: async text => live.text.insert(0, `${text}\n`),
      looks: [['.cm-line']]
    },
    cursor: {
      at: `#/notes/${note}`,
      one: async text => {
        await call(text)
        const place = Y.createRelativePositionFromTypeIndex(live.text, 0)
        // Whose it is is read as it moves
        live.awareness.setLocalStateField('cursor', null)
        live.awareness.setLocalStateField('cursor', { anchor: place, head: place })
      },
      looks: [
        ['.remote-name', toCursorName],
        ['.presence', toCursorName]
      ]
    },
    values: {
      at: '#/data',
      all: each((text, at) => ada.kv.put({ key: `${at} ${text}`, value: text })),
      looks: [['a.item strong'], ['a.item']]
    },
    devices: {
      at: '#/devices',
      all: async texts => {
        const [, device, , , , gone] = lines.devices
        for (const [at, text] of texts.entries()) {
          lines.devices.push({ ...device!, number: 100 + at, name: text, peer: `device ${at}` })
          lines.devices.push({ ...gone!, number: 200 + at, name: text })
          lines.notices.push({ ...lines.notices[0]!, number: 100 + at, name: text, platform: text })
        }
        dispatchEvent(new Event('scene-notice'))
      },
      looks: [['.device h2'], ['li.dim'], ['.notice strong'], ['.notice p']]
    },
    'a device that comes': {
      at: '#/devices',
      presses: ['Add a device', 'Read and write'],
      one: async text => {
        lines.newcomer = { name: text, platform: text, role: 'browser', place: 'network' }
        dispatchEvent(new Event('scene-newcomer'))
      },
      looks: [['dialog strong'], ['dialog p']]
    },
    mesh: {
      at: '#/mesh',
      // Devices that have come by now
      looks: [['.mesh-table strong']]
    },
    doctor: {
      at: '#/status',
      presses: ['Look now'],
      all: each(async (text, at) => {
        lines.checks.push({ about: text, step: 'connect', result: 'wait', detail: `${at} ${text}`, next: text })
      }),
      looks: [['.card h3'], ['.checks p']]
    },
    sites: {
      at: '#/login',
      all: each(async text => {
        lines.signIns.push({ ...lines.signIns[0]!, site: toSite(text) })
      }),
      looks: [['.sign-in-list strong', toSite]]
    },
    'a site that asks': {
      at: '#/login',
      one: async text => {
        lines.signIns.unshift({ ...lines.signIns[0]!, site: toSite(text) })
        location.hash = `#/login/${lines.signIns.length}`
      },
      looks: [
        ['.sign-in-site', toOrigin],
        ['.sign-in figcaption', toHost]
      ]
    }
  } satisfies Record<string, Place>
}

function each(write: (text: string, at: number) => Promise<unknown>) {
  return async (texts: readonly string[]) => {
    for (const [at, text] of texts.entries()) await write(text, at)
  }
}
