import { readNodeHead, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import { contactsProtocol } from '../../protocols/contacts/index.ts'
import { type Channel, channelPair, createClient } from '../../protocols/core/index.ts'
import { bytesToMailbox, type Knock, leaveKnock, type MailboxAddress } from '../../protocols/mailbox/index.ts'
import { KnockLeaver, type Unheard } from './knock-leaver.ts'
import type { TwinMailboxInit } from './twin-mailbox.ts'

type ChannelTo = (mailbox: MailboxAddress, options: { signal: AbortSignal }) => Promise<Channel>

/** Leaves the requests of this twin in the mailboxes of whom it asks. */
export function knockLeaver(init: TwinMailboxInit & { readonly channelTo: ChannelTo }): KnockLeaver {
  const { connections, contacts, name, log } = init
  return new KnockLeaver({
    unheard: async () => {
      const shown = await name()
      return contacts.unheard().map(({ id, greeting, token }) => ({
        id,
        name: shown,
        ...(greeting !== undefined && { message: greeting }),
        ...(token !== undefined && { token })
      }))
    },
    isReachable: twin => connections.peersOf(twin).length > 0,
    find: (twin, signal) => findBoxes(init, twin, signal),
    leave: (request, box, mailbox, options) => leave(init, request, box, mailbox, options),
    log
  })
}

/** A knock from a box, as if they had come themselves: through the same contract, with the same limits. */
export async function takeKnock(
  { server, directory, contacts }: TwinMailboxInit,
  { twin, ...request }: Knock,
  records: readonly Uint8Array[]
): Promise<void> {
  const id = twinToText(twin)
  const channel = channelPair(server(), { class: 'stranger', twin: id })
  const client = createClient(contactsProtocol, channel)
  try {
    await client.knock(request)
  } finally {
    await client.close()
    await channel.close()
  }
  // By an invite: the conversation with them can be opened while they are off
  if (contacts.classOf(id) !== 'contact') return
  await directory.receive(twin, records)
  await contacts.onReachable(id)
}

/** Hints: nothing of it is believed before the mailbox has shown the device list. */
async function findBoxes({ mesh, crypto }: TwinMailboxInit, twin: string, signal: AbortSignal) {
  const { devices } = await mesh.find(twin, { signal })
  const places = devices.map(async ({ device, head }) => {
    if (head === undefined) return []
    const hints = await readNodeHead(head, crypto).catch(() => undefined)
    const mailboxes = (hints?.head.mailboxes ?? []).flatMap(bytes => bytesToMailbox(bytes) ?? [])
    return [{ box: textToTwin(device), mailboxes }]
  })
  return (await Promise.all(places)).flat()
}

async function leave(
  init: TwinMailboxInit & { readonly channelTo: ChannelTo },
  { id, ...texts }: Unheard,
  box: Uint8Array,
  mailbox: MailboxAddress,
  options: { signal: AbortSignal }
): Promise<void> {
  const { me, keys, crypto, directory, contacts, channelTo } = init
  const expected = contacts.expectedHead(id)
  await leaveKnock(
    {
      channel: await channelTo(mailbox, options),
      mailbox: mailbox.key,
      to: textToTwin(id),
      box,
      ...(expected !== undefined && { expected }),
      knock: { twin: me.twin, ...texts },
      signer: keys.signing,
      records: directory.get(me.twin)?.all() ?? [],
      crypto
    },
    options
  )
}
