import type { CallContext } from './caller.ts'
import { checkAnswer, checkRequest } from './check.ts'
import { ProtocolError } from './errors.ts'
import type { Flow } from './flow.ts'
import type { Method } from './method.ts'
import type { Schema } from './schema.ts'
import type { ServedProtocol } from './served-protocol.ts'
import type { Peer } from './server-session.ts'

/** Runs one `stream` or `duplex` call to its end on the answering side; never rejects. */
export async function serveStream(
  served: ServedProtocol,
  peer: Peer,
  name: string,
  method: Method,
  body: unknown,
  flow: Flow
): Promise<void> {
  const context: CallContext = { ...peer, method: name, signal: flow.signal }
  let iterator: AsyncIterator<unknown> | undefined
  try {
    const request = checkRequest(method.request, body)
    await served.authorize(name, method, request, peer.caller)
    if (flow.isOver) return
    const output =
      method.kind === 'duplex' ? served.call(name, request, flow, context) : served.call(name, request, context)
    iterator = (output as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    await sendAll(iterator, method.kind === 'duplex' ? method.down : (method as { item: Schema }).item, flow)
    flow.finish()
  } catch (error) {
    if (flow.isOver) served.log.debug('%s.%s ended early', served.service.protocol.name, name)
    else flow.fail(served.toPeerError(error, name, method))
  } finally {
    // Not waited for: a service that ignores its signal would hold us here
    iterator?.return?.()?.then(undefined, error => served.log.debug('Generator did not end well: %o', error))
  }
}

/** Sends until the iterator is done or the call is over, even while the service is thinking. */
async function sendAll(iterator: AsyncIterator<unknown>, schema: Schema, flow: Flow): Promise<void> {
  // Set anew for each item: a promise that is raced for as long as a session lasts keeps something of every race
  let giveUp: (reason: unknown) => void = () => {}
  const onAbort = () => giveUp(flow.signal.reason ?? new ProtocolError('Cancelled', 'The call is over'))
  flow.signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (true) {
      const result = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        giveUp = reject
        if (flow.signal.aborted) onAbort()
        iterator.next().then(resolve, reject)
      })
      if (result.done === true) return
      await flow.write(checkAnswer(schema, result.value))
    }
  } finally {
    flow.signal.removeEventListener('abort', onAbort)
  }
}
