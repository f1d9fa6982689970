import { crypto } from '../../crdt/spaces/replicas.fixture.ts'
import { createClient } from '../core/index.ts'
import mailboxCompliance from './compliance.ts'
import { smallLimits, TestMailbox } from './mailboxes.fixture.ts'
import { mailboxProtocol } from './protocol.ts'

describe('mailbox', () => {
  mailboxCompliance(async () => {
    const made = await TestMailbox.make(smallLimits)
    return {
      key: made.key,
      limits: made.limits,
      device: () => {
        const signer = crypto.signer(crypto.randomBytes(32))
        // Each call over a channel of its own, so that a restart is none of its concern
        const client = new Proxy({} as ReturnType<typeof createClient<typeof mailboxProtocol>>, {
          get: (_, name) => Reflect.get(createClient(mailboxProtocol, made.channel(signer.publicKey)), name)
        })
        return { signer, client }
      },
      advance: ms => made.advance(ms),
      restart: async () => {
        await made.stop()
        await made.start()
      },
      stop: () => made.stop()
    }
  })
})
