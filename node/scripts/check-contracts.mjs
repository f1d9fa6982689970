import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const isContract = /(^|[\\/])protocol\.ts$/

/** Runs every contract, which checks it: one that is not well-formed is a `TypeError`. Bundles leave the check out. */
export async function checkContracts(root) {
  const contracts = []
  for (const folder of ['protocols', 'browser-peer']) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (isContract.test(name)) contracts.push(join(root, folder, name))
    }
  }
  const contents = contracts
    .map((file, index) => `export * as contract${index} from ${JSON.stringify(file)}`)
    .join('\n')
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false
  })
  await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
