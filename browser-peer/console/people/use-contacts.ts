import { type Contact, contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { collect, type Loaded, useLoad } from '../hooks/use-load.ts'
import { useStream } from '../hooks/use-stream.ts'

/** Everybody the twin knows, blocked ones too, as they come and change. */
export function useContacts(): Loaded<readonly Contact[]> {
  const contacts = useClient(contactsProtocol)
  const loaded = useLoad(
    async signal => [
      ...(await collect(contacts.list({}, { signal }))),
      ...(await collect(contacts.list({ state: 'blocked' }, { signal })))
    ],
    [contacts]
  )
  useStream(
    signal => contacts.watch({}, { signal }),
    () => loaded.reload(),
    [contacts]
  )
  return loaded
}
