import { noise } from '@chainsafe/libp2p-noise'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { quickNoise } from '../../node/mesh/quick-noise.ts'

/** The floor under every transport figure: TCP, Noise and yamux as they come, no services. */
export function createBareNode(): Promise<Libp2p> {
  return createNode(noise)
}

/** The same, with Noise as a twin has it. */
export function createQuickNode(): Promise<Libp2p> {
  return createNode(quickNoise)
}

function createNode(encrypter: typeof noise | typeof quickNoise): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [encrypter()],
    streamMuxers: [yamux()]
  })
}
