import { join } from 'node:path'
import { expect } from 'chai'
import { Program } from './harness/program.ts'
import { PublicNet } from './harness/public-net.ts'
import { TwinProcess, temporaryFolder } from './harness/twin.ts'
import { projectRoot } from './project.ts'

const nodeFile = join(projectRoot, 'dist/test/harness/ipfs-node.js')

interface Found {
  readonly devices: readonly { readonly device: string; readonly addresses: readonly string[] }[]
}

describe('twins that know nodes of the public DHT and nobody else', function () {
  this.timeout(120_000)
  let net: PublicNet | undefined
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const nodes: Program[] = []
  const twins: TwinProcess[] = []

  before('two nodes of that DHT', async function () {
    try {
      net = new PublicNet()
    } catch {
      console.log('      not run: needs root and network namespaces (ip netns)')
      return this.skip()
    }
    folder = await temporaryFolder()
    const known: string[] = []
    for (const host of net.hosts) {
      const args = [`/ip4/${host}/tcp/4001`, ...known.slice(0, 1)]
      const node = new Program(nodeFile, { args, within: net.within })
      nodes.push(node)
      known.push((await node.waitForJson<{ addresses: string[] }>()).addresses[0]!)
    }
    for (const name of ['ann', 'ben']) {
      const twin = new TwinProcess({ home: join(folder.path, name), within: net.within })
      twins.push(twin)
      await twin.init()
      await twin.start('--public-dht', ...known.flatMap(address => ['--public-bootstrap', address]))
    }
  })
  after(async () => {
    await Promise.all(twins.map(twin => twin.stop()))
    await Promise.all(nodes.map(node => node.stop()))
    net?.remove()
    await folder?.remove()
  })

  it('find each other by their ids, become contacts and write to each other', async () => {
    const [ann, ben] = twins as [TwinProcess, TwinProcess]
    const [found] = await ben.eventually<Found>(['find', ann.id], lines => lines.length === 1)
    expect(found!.devices.map(({ device }) => device)).deep.equal([ann.started!.device])
    await ben.object('contacts', 'add', ann.id, '--name', 'Ann')
    await ann.eventually<{ id: string }>(['contacts', 'list'], lines => lines.some(({ id }) => id === ben.id))
    await ann.object('contacts', 'accept', ben.id)
    await ben.eventually(['chat', 'send', 'Ann', 'Hello'], lines => lines.length === 1)
    const [message] = await ann.eventually<{ text: string }>(['chat', 'history', ben.id], lines => lines.length === 1)
    expect(message!.text).equal('Hello')
  })
})
