import { defineProtocol, duplex, schema as v } from '../../protocols/core/index.ts'

/** A whole note in UTF-8, and what Yjs writes beside it. */
export const maxUpdateBytes = 2 * 1024 * 1024
const update = v.bytes({ min: 1, max: maxUpdateBytes })
/** The places of a cursor, as relative positions in JSON. */
const cursor = v.nullable(v.json({ maxBytes: 2048 }))
/** What somebody types and has not arrived, and where of the text it stands. */
const typed = v.list(v.object({ at: v.json({ maxBytes: 512 }), text: v.text({ max: 1024 }) }), { max: 8 })

/**
 * An editor in a tab that does not run the peer. The tab that does keeps a copy of the text for it, which both edit as a Yjs
 * document of their own: entries of the space have one client id, that of the device, and two tabs must not give its numbers twice.
 * Spoken between tabs of one browser, stored nowhere and offered to no peer.
 */
export const tabNotesProtocol = defineProtocol({
  name: 'tab-notes',
  version: '1.0',
  doc: 'Edits a note in the tab that runs the peer of this browser',
  scopes: {
    edit: {
      doc: 'Writes in a note from another tab of this browser',
      consent: 'Write in your notes from another tab',
      callers: ['owner'],
      level: 'view'
    }
  },
  limits: { maxMessageSize: maxUpdateBytes + 64 * 1024, window: 2 * maxUpdateBytes, relayed: false },
  methods: {
    edit: duplex({
      doc: 'Opens a note: all of its text comes first, then what is changed on either side, where the others are, and what is stored',
      scope: 'edit',
      errors: ['NotFound'],
      request: v.object({
        note: v.text({ min: 1, max: 64 }),
        /** What is stored of the document that the tab had with the last one that led: goes on, so that its edits can be undone */
        known: v.optional(update)
      }),
      up: v.object({
        update: v.optional(update),
        /** Edits of this tab up to and in this update */
        edits: v.optional(v.int()),
        cursor: v.optional(cursor)
      }),
      down: v.object({
        update: v.optional(update),
        state: v.optional(v.picklist(['saved', 'saving', 'unsaved'])),
        /** Edits of this tab that are in the text which `state` is about */
        taken: v.optional(v.int()),
        isWritable: v.optional(v.boolean()),
        /** Why an edit was taken back */
        refused: v.optional(v.text({ max: 512 })),
        /** Everybody else who is present: all of them, each time */
        present: v.optional(
          v.list(
            v.object({
              client: v.int(),
              isDirect: v.boolean(),
              user: v.json({ maxBytes: 2048 }),
              cursor,
              typed: v.optional(typed)
            }),
            { max: 1024 }
          )
        )
      }),
      examples: [
        {
          request: { note: 'b5pt2q0v4m8x7c1d' },
          up: [{ update: new Uint8Array([0, 0]), edits: 1 }],
          down: [{ update: new Uint8Array([0, 0]), state: 'saved', taken: 0, isWritable: true, present: [] }]
        }
      ]
    })
  }
})

type Edit = (typeof tabNotesProtocol)['methods']['edit']
export type Up = v.Input<Edit['up']>
export type Down = v.Input<Edit['down']>
