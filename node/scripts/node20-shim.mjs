// js-libp2p 3 is written for Node 22: on Node 20 even a TCP dial fails for want of these two. Loaded before anything else.
import { WebSocket } from 'ws'

Promise.withResolvers ??= function () {
  let resolve
  let reject
  const promise = new this((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
globalThis.WebSocket ??= class extends WebSocket {
  constructor(...args) {
    super(...args)
    // A browser's WebSocket that fails with nobody listening is silent; this one would end the process, and libp2p stops
    // listening when it gives a dial up
    this.on('error', () => {})
  }
}
