import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const built = new URL('../../dist/', import.meta.url).pathname

/** Imports every contract as it was compiled, which checks it: one that is not well-formed is a `TypeError`. Bundles leave the check out. */
export async function checkContracts() {
  for (const room of ['protocols', 'browser-peer']) {
    const names = await readdir(join(built, room), { recursive: true })
    for (const name of names.filter(name => /(^|\/|\\)protocol\.js$/.test(name))) {
      await import(pathToFileURL(join(built, room, name)).href)
    }
  }
}
