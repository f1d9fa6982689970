import * as Y from 'yjs'
import type { LiveText } from '../../../crdt/index.ts'
import { editNote } from '../../../protocols/notes/index.ts'
import { notebooks } from './note-texts.ts'
import { type People, until, type Who } from './people.ts'

export interface OpenNote {
  readonly note: string
  readonly live: LiveText
}

/** Notebooks, one of them Marie's too, who is in it right now: answers what she has open. */
export async function write(people: People): Promise<OpenNote> {
  const { ada, marie } = people
  for (const { name, isShared, notes } of notebooks) {
    await ada.notes.createNotebook({ name })
    for (const text of notes) await ada.notes.create({ notebook: name, text })
    if (isShared) await ada.notes.share({ notebook: name, who: marie.name })
  }
  const offer = await until(async () => {
    for await (const found of marie.notes.offers({})) return found
    return undefined
  })
  await marie.notes.accept({ notebook: offer.id })
  const note = await until(async () => {
    for await (const found of marie.notes.list({ notebook: offer.id })) if (found.title === 'Packing list') return found
    return undefined
  })
  const live = await openNote(people, 'marie', note.id)
  const at = live.text.toString().indexOf('sandals')
  const place = (index: number) => Y.createRelativePositionFromTypeIndex(live.text, index)
  live.awareness.setLocalStateField('cursor', { anchor: place(at), head: place(at + 'sandals'.length) })
  return { note: note.id, live }
}

export async function openNote(people: People, who: Who, note: string): Promise<LiveText> {
  const twin = people[who]
  const { notebook } = await twin.notes.read({ note })
  const space = twin.spaces.list().find(({ text }) => text === notebook)
  if (space === undefined) throw new Error('No such notebook')
  return editNote(space, note, { nameOf: id => twin.contacts.nameOf(id) })
}
