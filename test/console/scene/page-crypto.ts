/** Stands in for `node/crypto.ts` when twins of the specs run in a page: the same interface on WebCrypto. */
export { webCrypto as nodeCrypto } from '../../../crdt/crypto/index.ts'
