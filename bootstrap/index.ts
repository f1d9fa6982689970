/**
 * @packageDocumentation
 *
 * The bootstrap node: where twins meet the first time. It serves the DHT, relays for those who cannot be reached and
 * tells them their outer address (STUN). It holds signed records and forwards sealed bytes; it knows no secrets, and
 * twins that met find each other without it.
 *
 * @example
 *
 * ```ts
 * const bootstrap = await createBootstrap({ home, port: 4001 })
 * assert.ok(bootstrap.addresses().length > 0)
 * await bootstrap.stop()
 * ```
 */
export { type Bootstrap, type BootstrapInit, createBootstrap } from './create-bootstrap.ts'
export { main } from './main.ts'
