/**
 * The console's files over http on this machine: static, for reading, without any authority over the twin.
 *
 * @example
 * const files = new Map([['/', { type: 'text/html', body: new TextEncoder().encode('hello'), isImmutable: false }]])
 * const served = await serveConsole({ files, port: 0 })
 * assert.equal(await (await fetch(served.url)).text(), 'hello')
 * await served.close()
 *
 * @packageDocumentation
 */
export { serveConsole } from './serve-console.ts'
export { type ConsoleInit, startConsole } from './start-console.ts'
