/** Bundled for a browser: the compliance suites of the kernel, of crdt and of capabilities, on IndexedDB and WebCrypto. */
import { macrotask } from '../../browser-peer/macrotask.ts'
import blobStoreCompliance from '../../crdt/blobs/compliance.ts'
import { MemoryBlobStore } from '../../crdt/blobs/memory-blob-store.fixture.ts'
import cryptoCompliance from '../../crdt/crypto/compliance.ts'
import { webCrypto } from '../../crdt/crypto/index.ts'
import { nobleCrypto } from '../../crdt/crypto/noble/index.ts'
import carrierCompliance from '../../protocols/core/carrier-compliance.ts'
import contractCompliance from '../../protocols/core/compliance.ts'
import { channelPair, forwardMessagePort, messagePortChannel, serveMessagePort } from '../../protocols/core/index.ts'
import { firstSampleProtocol, sampleProtocol } from '../../protocols/core/sample.fixture.ts'
import { loadProtocols } from '../../protocols/index.ts'
import { useIndexedDb } from './indexed-level.ts'
import keptDatabaseSuite from './kept-database.ts'

export interface SuiteResult {
  readonly passed: number
  readonly failures: readonly string[]
}

/** Frozen files, as the server of the page has them. */
function served(folder: string) {
  return {
    read: async (name: string): Promise<unknown> => {
      const response = await fetch(`/${folder}/${name}`)
      return response.ok ? await response.json() : undefined
    }
  }
}

async function define(): Promise<void> {
  keptDatabaseSuite()
  cryptoCompliance('webCrypto()', webCrypto)
  cryptoCompliance('nobleCrypto()', nobleCrypto)
  describe('a store of blobs', () => {
    blobStoreCompliance(async () => {
      const store = new MemoryBlobStore()
      return { store, again: async () => store, stop: async () => {} }
    })
  })
  for (const protocol of [firstSampleProtocol, sampleProtocol]) {
    contractCompliance(protocol, { vectors: served('protocols/core/vectors/sample') })
  }
  for (const protocol of await loadProtocols()) {
    contractCompliance(protocol, { vectors: served(`protocols/${protocol.name}/vectors`) })
  }
  describe('channelPair()', () => {
    carrierCompliance({
      connect: async (server, caller) => {
        const channel = channelPair(server, caller)
        return { channel, close: () => channel.close() }
      }
    })
  })
  for (const isForwarded of [false, true]) {
    describe(isForwarded ? 'forwardMessagePort()' : 'messagePortChannel()', () => {
      carrierCompliance({
        connect: async (server, caller) => {
          const { port1, port2 } = new MessageChannel()
          const stop = isForwarded
            ? forwardMessagePort(port1, channelPair(server, caller))
            : serveMessagePort(port1, server, caller)
          const channel = messagePortChannel(port2)
          return {
            channel,
            close: async () => {
              await channel.close()
              stop()
              port1.close()
            }
          }
        }
      })
    })
  }
  beforeEach(function () {
    useIndexedDb(/^(convergence of spaces|a browser among)/.test(this.currentTest!.fullTitle()))
  })
  // Whole specs, which bring their suites and the twins for them
  await import('../../crdt/spaces/convergence.spec.ts')
  await import('../../crdt/spaces/browser-device.spec.ts')
  await import('../../protocols/profile/profile.spec.ts')
  await import('../../protocols/kv/kv.spec.ts')
}

declare global {
  var runSuites: () => Promise<SuiteResult>
}

globalThis.runSuites = async () => {
  // The specs pace themselves by Node's way to let a turn of the event loop pass
  Object.assign(globalThis, { setImmediate: macrotask() })
  mocha.setup({ ui: 'bdd', timeout: 20_000, reporter: class {} as unknown as Mocha.ReporterConstructor })
  await define()
  return await new Promise(resolve => {
    let passed = 0
    const failures: string[] = []
    const runner = mocha.run(() => resolve({ passed, failures }))
    runner.on('pass', () => passed++)
    runner.on('fail', (test, error) => failures.push(`${test.fullTitle()}: ${error?.stack ?? error}`))
  })
}
