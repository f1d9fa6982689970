/**
 * The card a twin shows: its name to everybody, the rest to contacts.
 *
 * ```ts
 * await profile.set({ name: 'Ann', about: 'Engines' })
 * assert.deepEqual(await profileForStrangers.show({}), { name: 'Ann' })
 * assert.deepEqual(await profileForContacts.show({}), { name: 'Ann', about: 'Engines' })
 * ```
 * @packageDocumentation
 */
export { Profile, type ProfileComponents } from './profile.ts'
export * from './protocol.ts'
export { profile } from './service.ts'
