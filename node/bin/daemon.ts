import type { Home } from '../home/index.ts'
import { checkBackup as check, checkBlobs, openBackup as open, openFormerHome as openHome } from '../recovery/index.ts'

/** What `start` and recovery need and no other command pays for: a bundle of its own. The home is where its compiled code is kept. */
export { endWebrtc } from '../mesh/index.ts'
export { fetchFormerList } from '../recovery/index.ts'
export { startTwin } from '../start-twin.ts'

/** Nothing is kept of what is not bundled. */
export const keepCode = async (): Promise<void> => {}

export const openBackup = (home: Home, ...[folder, keys]: Parameters<typeof open>) => open(folder, keys, home.blobs)

export const openFormerHome = (home: Home, from: Home, keys: Parameters<typeof openHome>[2]) =>
  openHome(from, home, keys)

export const checkBackup = async (_home: Home, ...rest: Parameters<typeof check>) => ({
  files: await check(...rest),
  blobs: await checkBlobs(...rest)
})
