import type { LogId } from '../../crdt/log/index.ts'
import type { Replica } from '../../crdt/spaces/index.ts'
import { type SyncError, SyncSession } from '../../crdt/sync/index.ts'
import { type Logger, ProtocolError, silentLogger } from '../core/index.ts'
import { ItemQueue } from './item-queue.ts'

export interface SyncComponents {
  readonly replica: Replica
  readonly log?: Logger
  /** Sessions that run now, for whoever shows their progress or compares anew */
  readonly sessions?: Set<SyncSession>
}

/** One sync session over one duplex call, the same at both ends. */
export class Conversation {
  readonly session: SyncSession
  /** Items for the other end */
  readonly outgoing = new ItemQueue()
  readonly #components: SyncComponents

  constructor(components: SyncComponents, remote: LogId) {
    this.#components = components
    const { replica, log = silentLogger, sessions } = components
    this.session = new SyncSession({ replica, remote, send: item => this.outgoing.push(item) })
    sessions?.add(this.session)
    void this.session.closed.then(error => {
      sessions?.delete(this.session)
      if (error !== undefined) log.debug('A sync session ended: %s %s', error.code, error.message)
      this.outgoing.close()
    })
  }

  /** Feeds the session until the other end stops; resolves when it is over. */
  async listen(incoming: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const item of incoming) await this.session.receive(item)
    } catch (error) {
      const { log = silentLogger } = this.#components
      log.debug('A sync session was cut: %s', (error as Error).message)
    } finally {
      this.session.close()
    }
  }
}

/** What the other end is told about why a session ended: no more than it could know. */
export function toPeerError(error: SyncError): ProtocolError {
  switch (error.code) {
    case 'malformed':
    case 'refused':
      return new ProtocolError('InvalidArgument', 'The session broke the rules of sync')
    case 'flood':
      return new ProtocolError('ResourceExhausted', 'The session asked for too much')
    default:
      return new ProtocolError('Unavailable', 'The session cannot go on now')
  }
}
