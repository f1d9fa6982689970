/**
 * Mailboxes of a running twin: what it leaves in those of others, what it collects from its own, and the boxes it keeps for contacts.
 *
 * @packageDocumentation
 */
export { TwinMailbox, type TwinMailboxInit } from './twin-mailbox.ts'
