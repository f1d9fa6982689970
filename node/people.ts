import type { Contacts } from '../protocols/contacts/index.ts'

/** What connections ask of the contacts: whom to dial, whom to refuse, and what waits for whom. */
export type People = Pick<Contacts, 'wanted' | 'list' | 'onChange' | 'onReachable'>
