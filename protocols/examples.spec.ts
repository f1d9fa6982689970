import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { createClient } from './core/index.ts'
import { createLogin } from './login/site/index.ts'
import { textToPairingLink } from './pairing/index.ts'
import { profileProtocol } from './profile/index.ts'
import { meet, World } from './twins.fixture.ts'

/** What the examples at the doors are about: Ann, and Ben who is her contact unless the example makes him one. */
async function run(name: string): Promise<string> {
  const door = await readFile(`protocols/${name}/index.ts`, 'utf8')
  const code = /```ts\n([\s\S]*?)```/.exec(door)?.[1]?.replace(/^ \* ?/gm, '')
  if (code === undefined) throw new Error(`${name} has no example`)
  const world = new World()
  try {
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    if (name !== 'contacts') await meet(ann, ben)
    const names = {
      assert,
      kv: ann.kv,
      notes: ann.notes,
      bensKv: ben.kv,
      blobs: ann.blobs,
      bensBlobs: ben.blobs,
      chat: ann.chat,
      bensChat: ben.chat,
      contacts: ann.owner,
      bensContacts: ben.owner,
      profile: ann.profile,
      devices: ann.devices,
      pairing: ann.pairing,
      textToPairingLink,
      login: ann.login,
      anns: ann.id,
      library: createLogin({ audience: 'https://library.example' }),
      spaces: ann.spaceList,
      profileForStrangers: createClient(profileProtocol, ann.as('stranger')),
      profileForContacts: createClient(profileProtocol, ann.as('contact'))
    }
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor
    await new AsyncFunction(...Object.keys(names), code)(...Object.values(names))
    return code
  } finally {
    await world.stop()
  }
}

describe('examples at the doors', () => {
  for (const name of ['profile', 'contacts', 'chat', 'kv', 'notes', 'blobs', 'devices', 'pairing', 'login', 'spaces']) {
    it(`the example of ${name} runs as it stands there`, async () => {
      expect(await run(name)).to.contain('assert')
    })
  }
})
