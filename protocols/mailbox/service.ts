import { defineService } from '../core/index.ts'
import type { Mailbox } from './mailbox.ts'
import { mailboxProtocol } from './protocol.ts'

export interface MailboxServiceComponents {
  /** Made by the composition root, because what sends and collects asks it too */
  readonly mailbox: Mailbox
}

export const mailbox = defineService(mailboxProtocol, ({ mailbox }: MailboxServiceComponents) => mailbox)
