import type { Contacts } from '../protocols/contacts/index.ts'
import { ProtocolError } from '../protocols/core/index.ts'
import type { Hold } from './recovery/index.ts'

/** What connections ask of the contacts: whom to dial, whom to refuse, and what waits for whom. */
export type People = Pick<Contacts, 'wanted' | 'list' | 'onChange' | 'onReachable'>

/** The same contacts, whose knocks and answers wait while the twin is on hold. */
export function withHold(contacts: Contacts, hold: Hold): People {
  return {
    wanted: () => contacts.wanted(),
    list: request => contacts.list(request),
    onChange: listener => contacts.onChange(listener),
    onReachable: async twin => {
      if (!hold.isOn) await contacts.onReachable(twin)
    }
  }
}

export function onHold(): ProtocolError {
  return new ProtocolError('Unavailable', 'The twin is on hold since it was restored: twin resume')
}
