/** Takes the place of Node's own cryptography in suites that run in a browser. */
export { webCrypto as nodeCrypto } from '../../crdt/crypto/index.ts'
