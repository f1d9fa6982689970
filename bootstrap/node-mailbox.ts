import { join } from 'node:path'
import type { PrivateKey } from '@libp2p/interface'
import { Level } from 'level'
import type { Libp2p } from 'libp2p'
import { webCrypto } from '../crdt/crypto/index.ts'
import type { Database } from '../crdt/index.ts'
import { createServer } from '../protocols/core/index.ts'
import { Mailbox, MailboxHost, mailbox } from '../protocols/mailbox/index.ts'
import { registerServer } from '../protocols/streams/index.ts'
import { bootstrapLimits as limits } from './limits.ts'

/** Serves a mailbox on the node until the returned function is called. Whoever connects is known by its peer id alone. */
export async function serveMailbox(home: string, node: Libp2p, privateKey: PrivateKey): Promise<() => Promise<void>> {
  const db: Database = new Level<string, Uint8Array>(join(home, 'mailbox'), {
    keyEncoding: 'utf8',
    valueEncoding: 'view'
  })
  await db.open()
  const crypto = webCrypto()
  const host = new MailboxHost(
    {
      db,
      // The raw Ed25519 key of libp2p is the seed with the public half behind it
      signer: crypto.signer(privateKey.raw.slice(0, 32)),
      crypto,
      mayOpen: () => true,
      repair: async () => {
        await db.close()
        await db.open()
      }
    },
    { limits }
  )
  const service = mailbox()({ mailbox: new Mailbox(host) })
  const server = createServer({
    services: [service],
    callsPerPeer: { points: limits.callsPerPeer, durationMs: 1000 }
  })
  try {
    await service.start()
    const unregister = await registerServer(node, server, connection => ({
      class: 'stranger',
      peer: connection.remotePeer.toString()
    }))
    return async () => {
      await unregister()
      await server.stop()
      await service.stop()
      await db.close()
    }
  } catch (error) {
    await db.close()
    throw error
  }
}
