import { defineService } from '../core/index.ts'
import type { Contacts } from './contacts.ts'
import { contactsProtocol } from './protocol.ts'

export interface ContactsServiceComponents {
  /** Made by the composition root, because hello and the spaces ask it too */
  readonly contacts: Contacts
}

export const contacts = defineService(contactsProtocol, ({ contacts }: ContactsServiceComponents) => contacts)
