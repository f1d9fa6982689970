/**
 * Once a connection, both ends say which device of which twin they are. What the other end proves becomes the caller of every call.
 *
 * Hello's own streams cannot wait for hello, so they get a server of their own:
 *
 * @example
 * const who = createHello({ me, directory, crypto, classOf, closePeer })
 * await registerServer(node, createServer({ services: [hello()({ hello: who })] }), connection => who.peerOf(connection))
 * await registerServer(node, createServer({ services }), connection => who.callerOf(connection))
 *
 * @packageDocumentation
 */
export { sayFarewell } from './farewell.ts'
export { createHello, Hello } from './hello.ts'
export type { HelloConnection, HelloInit } from './hello-init.ts'
export type { OwnDevice } from './own-presentation.ts'
export { helloProtocol, helloTimeoutMs } from './protocol.ts'
export { type HelloComponents, hello } from './service.ts'
