import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'
import { loginLifetimeMs, loginScopes, maxAnswerLength, maxOriginSize, maxRequestLength } from './rules.ts'

export * from './rules.ts'

const text = v.text({ min: 1, max: maxRequestLength })
const site = v.text({ min: 1, max: maxOriginSize })
const scopes = v.list(v.picklist(loginScopes), { min: 1, max: loginScopes.length })

const signIn = v.object({
  site,
  /** The device of the twin that answered */
  device: v.int({ min: 1, max: 65_535 }),
  scopes,
  firstAt: v.timeMs(),
  lastAt: v.timeMs(),
  /** How many times */
  count: v.int({ min: 1 })
})
export type SignIn = v.Output<typeof signIn>

const at = 1_790_000_000_000
const exampleSite = 'https://library.example'
const exampleRequest = 'web+twin:login/hgF4F2h0dHBzOi8vbGlicmFyeS5leGFtcGxl'
const exampleSignIn: SignIn = {
  site: exampleSite,
  device: 2,
  scopes: ['id', 'name'],
  firstAt: at - 86_400_000,
  lastAt: at,
  count: 3
}

/** Signs its owner in at web sites, with the key of the device that answers. What is asked and what is signed: crdt/FORMATS.md §25. */
export const loginProtocol = defineProtocol({
  name: 'login',
  version: '1.0',
  doc: 'Signs you in at web sites that ask for your twin, without an account and without a password',
  scopes: {
    read: {
      doc: 'Reads what a site asks for, and where its owner signed in',
      consent: 'See where you signed in with your twin',
      callers: ['owner'],
      level: 'view'
    },
    sign: {
      doc: 'Signs its owner in at a site, and forgets sign-ins',
      consent: 'Sign you in at web sites, which then see your twin id and your devices',
      callers: ['owner'],
      level: 'normal'
    }
  },
  limits: { maxMessageSize: 256 * 1024, relayed: true },
  methods: {
    read: unary({
      doc: 'Says what a request asks: the exact address of the site, what it wants to know and until when; signs nothing',
      scope: 'read',
      errors: ['FailedPrecondition'],
      request: v.object({ request: text }),
      response: v.object({
        site,
        scopes,
        expiresAt: v.timeMs(),
        /** What the site would be told under `name`; absent when it does not ask, or there is none */
        name: v.optional(v.text({ max: 64 })),
        /** The last sign-in at this site, by any device of the twin */
        lastAt: v.optional(v.timeMs())
      }),
      examples: [
        {
          request: { request: exampleRequest },
          response: { site: exampleSite, scopes: ['id', 'name'], expiresAt: at + loginLifetimeMs, name: 'Ada' }
        }
      ]
    }),
    approve: unary({
      doc: 'Answers a request, with the device list as proof; the address that is returned brings it to the site, and only there',
      scope: 'sign',
      errors: ['FailedPrecondition'],
      request: v.object({
        request: text,
        /** What the site is told, of what it asks; the twin id alone when absent */
        scopes: v.optional(scopes)
      }),
      response: v.object({
        site,
        scopes,
        expiresAt: v.timeMs(),
        /** To be opened in the browser that was at the site */
        url: v.text({ max: maxRequestLength + maxAnswerLength })
      }),
      examples: [
        {
          request: { request: exampleRequest, scopes: ['id'] },
          response: {
            site: exampleSite,
            scopes: ['id'],
            expiresAt: at + loginLifetimeMs,
            url: `${exampleSite}/signed-in#twin=gwFYQA`
          }
        }
      ]
    }),
    list: stream({
      doc: 'Lists the sites that its owner signed in to, by site and device',
      scope: 'read',
      request: v.object({}),
      item: signIn,
      examples: [{ request: {}, items: [exampleSignIn] }]
    }),
    forget: unary({
      doc: 'Forgets the sign-ins at a site on all devices; the site itself forgets nothing by that',
      scope: 'sign',
      errors: ['NotFound'],
      request: v.object({ site }),
      response: v.object({ forgotten: v.int({ min: 1 }) }),
      examples: [{ request: { site: exampleSite }, response: { forgotten: 1 } }]
    })
  }
})
