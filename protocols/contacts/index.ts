/**
 * The people a twin knows: invites, knocks, petnames, verification. Owner-facing methods and the door at which others knock
 * stand in one contract, told apart by who may call.
 *
 * ```ts
 * const { link } = await contacts.invite({})
 * const ann = await bensContacts.add({ who: link, name: 'Ann' })
 * assert.equal(ann.state, 'contact')
 * const { code } = await bensContacts.verify({ who: 'Ann' })
 * for await (const ben of contacts.list({})) assert.equal((await contacts.verify({ who: ben.name })).code, code)
 * ```
 * @packageDocumentation
 */
export { shortId } from './clean-name.ts'
export { Contacts, type ContactsComponents, type ContactsInit } from './contacts.ts'
export { type InviteLink, inviteLinkToText, isTwinId, textToInviteLink } from './invite-link.ts'
export { contactsNamespace, People, readPeople } from './people.ts'
export * from './protocol.ts'
export { type ContactsServiceComponents, contacts } from './service.ts'
