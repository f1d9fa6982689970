import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** Characters of a profile name, which is also what a knock shows. */
export const maxNameLength = 64
/** Characters of the few lines a person writes about themselves. */
export const maxAboutLength = 1024

const profile = v.object({
  name: v.text({ max: maxNameLength }),
  about: v.text({ max: maxAboutLength })
})

const ada = { name: 'Ada', about: 'Writes programs for engines that do not exist yet' }

/** The card a twin shows: the name to everybody, the rest to contacts. */
export const profileProtocol = defineProtocol({
  name: 'profile',
  version: '1.1',
  doc: 'Your name and a few lines about you: strangers see the name, contacts see all of it',
  scopes: {
    read: {
      doc: 'Reads the whole profile',
      consent: 'Read your profile',
      callers: ['owner', 'experience'],
      level: 'view'
    },
    write: {
      doc: 'Changes the profile',
      consent: 'Change your name and what you say about yourself',
      callers: ['owner', 'experience']
    },
    show: {
      doc: 'Sees what this caller may see of the profile',
      consent: 'See the card you show to others',
      callers: ['owner', 'contact', 'stranger'],
      level: 'view'
    }
  },
  // A card is a few hundred characters; anything larger is not a profile
  limits: { maxMessageSize: 16 * 1024, relayed: true },
  methods: {
    get: unary({
      doc: 'Returns your own profile; both fields are empty until they are set',
      scope: 'read',
      request: v.object({}),
      response: profile,
      examples: [{ request: {}, response: ada }]
    }),
    set: unary({
      doc: 'Changes the fields that are given and leaves the others',
      scope: 'write',
      request: v.object({
        name: v.optional(v.text({ max: maxNameLength })),
        about: v.optional(v.text({ max: maxAboutLength }))
      }),
      response: profile,
      examples: [{ request: { name: 'Ada' }, response: { name: 'Ada', about: '' } }]
    }),
    show: unary({
      doc: 'Returns the card as the caller may see it: strangers get the name and nothing else',
      scope: 'show',
      request: v.object({}),
      response: v.object({
        name: v.text({ max: maxNameLength }),
        about: v.optional(v.text({ max: maxAboutLength }))
      }),
      examples: [
        { request: {}, response: ada },
        { request: {}, response: { name: 'Ada' } }
      ]
    }),
    watch: stream({
      doc: 'Streams your own profile: as it is now, then as it is after each change, whichever device made it',
      scope: 'read',
      since: '1.1',
      request: v.object({}),
      item: profile,
      examples: [{ request: {}, items: [{ name: '', about: '' }, ada] }]
    })
  }
})
