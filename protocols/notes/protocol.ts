import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** Characters (UTF-16 units) of one note. */
export const maxNoteLength = 200_000
/** Characters of one that several made too long at once; more does not fit a message. */
export const maxReadLength = 340_000
/** Notes of one notebook. */
export const maxNotes = 10_000
/** UTF-8 bytes of a notebook's name. */
export const maxNameBytes = 128
/** Characters of a title, which is the first line of the text. */
export const maxTitleLength = 100
/** Meant when no notebook is named; made with the first note. */
export const defaultNotebook = 'Notes'
/** Only the device that decides about a notebook answers these: a node, as a rule the first. */
export const keeperMethods = ['createNotebook', 'renameNotebook', 'share'] as const

/** Its name, `WHO/NAME` for one that a contact shares, or its id. */
const notebook = v.text({ min: 1, max: 256 })
const id = v.text({ min: 1, max: 64 })
/** The id of a note, or as much of its beginning as no other note has, at least four characters. */
const note = v.text({ min: 4, max: 16 })
const text = v.text({ max: maxNoteLength })
const who = v.text({ min: 1, max: 128 })
/** UTF-16 units from the beginning of the text. */
const place = v.int({ max: maxNoteLength * 2 })

const member = v.object({
  id: v.twinId(),
  /** Petname; empty for this twin */
  name: v.text({ max: 64 }),
  role: v.picklist(['owner', 'writer', 'reader', 'replica'])
})
export type NotebookMember = v.Output<typeof member>

const notebookItem = v.object({
  /** 32 bytes, hexadecimal */
  id,
  /** What `notebook` takes: `WHO/NAME` where a contact made it */
  name: v.text({ max: 256 }),
  /** `shared` by this twin, `received` from a contact */
  kind: v.picklist(['private', 'shared', 'received']),
  /** Whether this twin may write in it now */
  writable: v.boolean(),
  notes: v.int(),
  /** The others in it */
  members: v.list(member, { max: 64 })
})
export type Notebook = v.Output<typeof notebookItem>

const noteItem = v.object({
  id: v.text({ max: 16 }),
  /** Id of its notebook */
  notebook: id,
  /** The first line that is not empty, without the signs of a heading; may be empty */
  title: v.text({ max: maxTitleLength }),
  /** Characters, in UTF-16 units */
  size: v.int(),
  /** By the clock of who changed it last; absent when that is not known here */
  updated: v.optional(v.timeMs())
})
export type Note = v.Output<typeof noteItem>

const marieId = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const notebookId = '5f'.repeat(32)
const marie: NotebookMember = { id: marieId, name: 'Marie', role: 'writer' }
const trip: Notebook = { id: notebookId, name: 'Trip', kind: 'shared', writable: true, notes: 2, members: [marie] }
const packing: Note = {
  id: 'k7m2p9q4r8s6t3vw',
  notebook: notebookId,
  title: 'Packing',
  size: 20,
  updated: 1_790_000_000_000
}

export const notesProtocol = defineProtocol({
  name: 'notes',
  version: '1.0',
  doc: 'Notes in Markdown, in notebooks that stay private or are shared with contacts, who may write at the same time',
  scopes: {
    read: { doc: 'Reads notes', consent: 'Read your notes', callers: ['owner', 'experience'], level: 'view' },
    write: {
      doc: 'Writes and deletes notes',
      consent: 'Write and delete your notes',
      callers: ['owner', 'experience']
    },
    share: {
      doc: 'Makes notebooks, shares them with contacts and accepts theirs',
      consent: 'Make notebooks, share them with people and accept theirs',
      callers: ['owner']
    }
  },
  limits: {
    maxMessageSize: 1024 * 1024,
    window: 1024 * 1024,
    rate: { points: 100_000, durationMs: 60_000 },
    timeoutMs: 30_000,
    relayed: true
  },
  methods: {
    notebooks: stream({
      doc: 'Lists notebooks: your own, those you share, and those that contacts share with you',
      scope: 'read',
      request: v.object({}),
      item: notebookItem,
      examples: [{ request: {}, items: [trip] }]
    }),
    createNotebook: unary({
      doc: 'Makes a notebook, which nobody else sees until it is shared',
      scope: 'share',
      errors: ['AlreadyExists', 'FailedPrecondition'],
      request: v.object({ name: v.text({ min: 1, max: maxNameBytes }) }),
      response: notebookItem,
      examples: [{ request: { name: 'Trip' }, response: { ...trip, kind: 'private', notes: 0, members: [] } }]
    }),
    renameNotebook: unary({
      doc: 'Gives a notebook of yours another name, for everybody in it',
      scope: 'share',
      errors: ['NotFound', 'AlreadyExists', 'FailedPrecondition'],
      request: v.object({ notebook, name: v.text({ min: 1, max: maxNameBytes }) }),
      response: notebookItem,
      examples: [{ request: { notebook: 'Trip', name: 'Rome' }, response: { ...trip, name: 'Rome' } }]
    }),
    share: unary({
      doc: 'Shares a notebook with a contact, who may then read and write all of it',
      scope: 'share',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ notebook, who }),
      response: notebookItem,
      examples: [{ request: { notebook: 'Trip', who: 'Marie' }, response: trip }]
    }),
    members: stream({
      doc: 'Lists who is in a notebook',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ notebook }),
      item: member,
      examples: [{ request: { notebook: 'Trip' }, items: [marie] }]
    }),
    offers: stream({
      doc: 'Lists notebooks that contacts offer and that were neither accepted nor declined',
      scope: 'share',
      request: v.object({}),
      item: v.object({ id, name: v.text({ max: 256 }), from: v.twinId() }),
      examples: [{ request: {}, items: [{ id: notebookId, name: 'Marie/Trip', from: marieId }] }]
    }),
    accept: unary({
      doc: 'Accepts an offered notebook',
      scope: 'share',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ notebook }),
      response: notebookItem,
      examples: [{ request: { notebook: 'Marie/Trip' }, response: { ...trip, name: 'Marie/Trip', kind: 'received' } }]
    }),
    decline: unary({
      doc: 'Takes an offered notebook off the list of offers; it can be accepted later all the same',
      scope: 'share',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ notebook }),
      response: v.object({ id }),
      examples: [{ request: { notebook: 'Marie/Trip' }, response: { id: notebookId } }]
    }),
    list: stream({
      doc: 'Lists the notes of one notebook or of all, newest first in each',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ notebook: v.optional(notebook) }),
      item: noteItem,
      examples: [{ request: { notebook: 'Trip' }, items: [packing] }]
    }),
    create: unary({
      doc: `Writes a new note, in \`${defaultNotebook}\` if no notebook is named; a note without text does not exist`,
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ text: v.text({ min: 1, max: maxNoteLength }), notebook: v.optional(notebook) }),
      response: noteItem,
      examples: [{ request: { text: '# Packing\n\n- sandals', notebook: 'Trip' }, response: packing }]
    }),
    read: unary({
      doc: 'Returns the text of a note',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ note }),
      response: v.object({ ...noteItem.entries, text: v.text({ max: maxReadLength }) }),
      examples: [
        { request: { note: 'k7m2p9q4r8s6t3vw' }, response: { ...packing, text: '# Packing\n\n- sandals' } },
        { request: { note: 'k7m2' }, response: { ...packing, text: '# Packing\n\n- sandals' } }
      ]
    }),
    append: unary({
      doc: 'Adds text at the end of a note',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ note, text: v.text({ min: 1, max: maxNoteLength }) }),
      response: noteItem,
      examples: [{ request: { note: 'k7m2p9q4r8s6t3vw', text: '\n- hat' }, response: { ...packing, size: 26 } }]
    }),
    replace: unary({
      doc: 'Puts text in place of a range of a note, if asked only where the range has the text that is expected',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ note, at: place, length: place, text, expected: v.optional(text) }),
      response: noteItem,
      examples: [
        {
          request: { note: 'k7m2p9q4r8s6t3vw', at: 13, length: 7, text: 'boots', expected: 'sandals' },
          response: { ...packing, size: 18 }
        }
      ]
    }),
    write: unary({
      doc: 'Gives a note another text; what both texts begin and end with stays as it is, for those who write there now',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ note, text: v.text({ min: 1, max: maxNoteLength }) }),
      response: noteItem,
      examples: [{ request: { note: 'k7m2p9q4r8s6t3vw', text: '# Packing' }, response: { ...packing, size: 9 } }]
    }),
    delete: unary({
      doc: 'Deletes a note; what somebody else writes in it at the same time stays',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ note }),
      response: v.object({ id: v.text({ max: 16 }) }),
      examples: [{ request: { note: 'k7m2p9q4r8s6t3vw' }, response: { id: 'k7m2p9q4r8s6t3vw' } }]
    }),
    watch: stream({
      doc: 'Streams notes as they change, whoever wrote them',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ notebook: v.optional(notebook) }),
      item: v.object({
        type: v.picklist(['changed', 'deleted']),
        id: v.text({ max: 16 }),
        notebook: id,
        /** Absent for what was deleted */
        note: v.optional(noteItem)
      }),
      examples: [
        {
          request: {},
          items: [
            { type: 'changed', id: packing.id, notebook: notebookId, note: packing },
            { type: 'deleted', id: packing.id, notebook: notebookId }
          ]
        }
      ]
    })
  }
})
