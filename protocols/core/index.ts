/**
 * The contract kernel, which is also the SDK: a contract is data, and client, handler, guard, page and vectors follow from it.
 * It runs anywhere; what carries the bytes is a `Channel`, of which two are here and more beside each platform.
 *
 * @example
 * const greeter = defineProtocol({
 *   name: 'greeter',
 *   version: '1.0',
 *   doc: 'Greets by name',
 *   scopes: { greet: { doc: 'Be greeted', consent: 'Greet you by name', callers: ['owner', 'contact'] } },
 *   methods: {
 *     greet: unary({
 *       doc: 'Answers with a greeting',
 *       scope: 'greet',
 *       request: schema.object({ name: schema.text({ max: 50 }) }),
 *       response: schema.object({ greeting: schema.text({ max: 100 }) }),
 *       examples: [{ request: { name: 'Ada' }, response: { greeting: 'Good day, Ada' } }]
 *     })
 *   }
 * })
 * const service = defineService(greeter, () => ({ greet: ({ name }) => ({ greeting: `Good day, ${name}` }) }))
 * const server = createServer({ services: [service()({})] })
 * const client = createClient(greeter, channelPair(server, { class: 'contact' }))
 * assert.equal((await client.greet({ name: 'Ada' })).greeting, 'Good day, Ada')
 * await client.close()
 *
 * @packageDocumentation
 */
export { anySignal, pause, withSignal } from './any-signal.ts'
export { type Authorize, type AuthorizeRequest, authorizeByClass, type Decision, levelOf } from './authorize.ts'
export type { ByteStream, Channel, OpenedStream } from './byte-stream.ts'
export { type CallContext, type Caller, type CallerClass, callerClasses, type OwnerLevel } from './caller.ts'
export { DecodeError, decodeCbor } from './cbor-decode.ts'
export { encodeCbor } from './cbor-encode.ts'
export { channelPair, streamPair } from './channel-pair.ts'
export { ChunkQueue, type Deferred, deferred } from './chunk-queue.ts'
export { type CallOptions, type Client, type ClientOptions, createClient } from './client.ts'
export { type Clock, systemClock } from './clock.ts'
export { type Breach, type BreachRule, breachRules, checkCompatible } from './compatibility.ts'
export { type ContractJson, contractToJson, type MethodJson } from './contract-json.ts'
export { contractToMarkdown } from './contract-page.ts'
export { type ContractCheck, contractCheck, contractShow } from './contract-tool.ts'
export {
  defineProtocol,
  type Protocol,
  type ProtocolInit,
  parseProtocolId,
  type Scope,
  scopeId
} from './define-protocol.ts'
export {
  type AnyProtocol,
  defineService,
  type Implementation,
  type Life,
  type Service,
  type ServiceFactory
} from './define-service.ts'
export { type ErrorCode, errorCodes, ProtocolError, toError, universalErrorCodes } from './errors.ts'
export { fromJsonForm, toJsonForm } from './json-form.ts'
export { fromJsonSchema, type JsonSchema, toJsonSchema } from './json-schema.ts'
export { defaultLimits, limitReasons, type ProtocolLimits } from './limits.ts'
export { type Logger, silentLogger } from './logger.ts'
export { forwardMessagePort, messagePortChannel, serveMessagePort } from './message-port.ts'
export {
  type DuplexMethod,
  duplex,
  type Method,
  type StreamMethod,
  stream,
  type UnaryMethod,
  unary
} from './method.ts'
export type { PortLike } from './port-streams.ts'
export type { Input, Output, Schema } from './schema.ts'
export * as schema from './schema.ts'
export { type AcceptInfo, createServer, type ProtocolServer, type ServerInit } from './server.ts'
export { freeBytes, freeItem, unreadBytes, unsentBytes } from './spent-bytes.ts'
