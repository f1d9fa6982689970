/**
 * Conversations with contacts and groups. Each participant writes a document of their own in a shared space, so nobody alters
 * what another said, and every message shows how far it got.
 *
 * ```ts
 * const { id, state } = await chat.send({ who: 'Ben', text: 'Coming?' })
 * assert.equal(state, 'saved')
 * for await (const item of bensChat.follow({ who: 'Ann' })) {
 *   if (item.type === 'message') break
 * }
 * await bensChat.reply({ who: 'Ann', id, text: 'Yes' })
 * for await (const message of bensChat.history({ who: 'Ann' })) assert.equal(message.name, message.text === 'Yes' ? '' : 'Ann')
 * ```
 * @packageDocumentation
 */
export { Chat, type ChatComponents, type ChatInit } from './chat.ts'
export type { People } from './conversations.ts'
export { chatKind } from './document-kind.ts'
export * from './protocol.ts'
export { chat } from './service.ts'
