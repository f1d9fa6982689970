/** What sites and devices agree on (crdt/FORMATS.md §25), apart from the contract, which a site does not load. */

/** What a site may ask for: the twin id, without which there is no sign-in, and the name on the profile. The list is closed. */
export const loginScopes = ['id', 'name'] as const
export type LoginScope = (typeof loginScopes)[number]

/** A request, and the answer to it, are good for at most this long. */
export const loginLifetimeMs = 10 * 60_000
/** The clocks of a site and of a device may differ this much. */
export const loginClockSkewMs = 2 * 60_000
/** UTF-16 units of a request as text, the address of a console in front of it included */
export const maxRequestLength = 8192
/** UTF-16 units of an answer as text: most of it are the records of the device list */
export const maxAnswerLength = 176 * 1024
/** Bytes of a web origin */
export const maxOriginSize = 300
