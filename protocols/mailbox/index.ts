/**
 * Boxes in which sealed parcels wait for twins that are off. A mailbox keeps them and can read nothing; a sender leaves what the
 * signed frontiers of a contact lack; a collector hands it to the replica as if it had come by sync.
 *
 * @packageDocumentation
 */
export { Collector, type CollectorComponents, type CollectorInit } from './collector.ts'
export type { Knock } from './knock.ts'
export { leaveKnock } from './leave-knock.ts'
export { type MailboxLimit, type MailboxLimits, mailboxLimitTable } from './limits.ts'
export { Mailbox } from './mailbox.ts'
export { bytesToMailbox, type MailboxAddress, mailboxToBytes } from './mailbox-address.ts'
export { MailboxDesk, type MailboxDeskComponents } from './mailbox-desk.ts'
export { MailboxHost, type MailboxHostComponents, type MailboxHostInit } from './mailbox-host.ts'
export { Offers } from './offers.ts'
export { OwnBoxes } from './own-boxes.ts'
export * from './protocol.ts'
export { Sender, type SenderComponents, type SenderInit } from './sender.ts'
export { mailbox } from './service.ts'
export { ToldBoxes } from './told-boxes.ts'
export { Unpacker } from './unpacker.ts'
export { Witness } from './witness.ts'
