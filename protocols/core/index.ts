/**
 * The contract kernel: a contract is data, and client, handler, guard, page and vectors follow from it.
 *
 * @packageDocumentation
 */
export { type Authorize, type AuthorizeRequest, authorizeByClass, type Decision } from './authorize.ts'
export type { ByteStream, Channel, OpenedStream } from './byte-stream.ts'
export { type CallContext, type Caller, type CallerClass, callerClasses } from './caller.ts'
export { DecodeError, decodeCbor } from './cbor-decode.ts'
export { encodeCbor } from './cbor-encode.ts'
export { channelPair, streamPair } from './channel-pair.ts'
export { ChunkQueue } from './chunk-queue.ts'
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
export { defaultLimits, type ProtocolLimits } from './limits.ts'
export { type Logger, silentLogger } from './logger.ts'
export { messagePortChannel, serveMessagePort } from './message-port.ts'
export {
  type DuplexMethod,
  duplex,
  type Method,
  type StreamMethod,
  stream,
  type UnaryMethod,
  unary
} from './method.ts'
export type { Input, Output, Schema } from './schema.ts'
export * as schema from './schema.ts'
export { type AcceptInfo, createServer, type ProtocolServer, type ServerInit } from './server.ts'
