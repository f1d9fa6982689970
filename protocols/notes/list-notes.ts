import type { Space } from '../../crdt/index.ts'
import { valueToHead, valueToTime } from './document-kind.ts'
import type { Note } from './protocol.ts'

/** All notes of a notebook from its index, newest first; those of an unknown time come last. */
export async function listNotes(space: Space): Promise<Note[]> {
  const times = new Map<string, number>()
  for await (const { key, value } of space.index('note').iterate({ gte: 't/', lt: 't0' })) {
    const note = key.slice(2, key.lastIndexOf('/'))
    times.set(note, Math.max(times.get(note) ?? 0, valueToTime(value)))
  }
  const notes: Note[] = []
  for await (const { key, value } of space.index('note').iterate({ gte: 'n/', lt: 'n0' })) {
    notes.push(toNote(space, key.slice(2), value, times.get(key.slice(2))))
  }
  return notes.sort((a, b) => (b.updated ?? 0) - (a.updated ?? 0))
}

export async function noteIn(space: Space, id: string): Promise<Note | undefined> {
  const value = await space.index('note').get(`n/${id}`)
  if (value === undefined) return undefined
  let updated: number | undefined
  for await (const row of space.index('note').iterate({ gte: `t/${id}/`, lt: `t/${id}0` })) {
    updated = Math.max(updated ?? 0, valueToTime(row.value))
  }
  return toNote(space, id, value, updated)
}

/** Ids that begin like this, two at most. */
export async function notesLike(space: Space, start: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { key } of space.index('note').iterate({ gte: `n/${start}`, limit: 2 })) {
    if (key.startsWith(`n/${start}`)) ids.push(key.slice(2))
  }
  return ids
}

export async function countNotes(space: Space): Promise<number> {
  let count = 0
  for await (const _ of space.index('note').iterate({ gte: 'n/', lt: 'n0' })) count++
  return count
}

function toNote({ text: notebook }: Space, id: string, value: Uint8Array, updated: number | undefined): Note {
  return { id, notebook, ...valueToHead(value), ...(updated !== undefined && { updated }) }
}
