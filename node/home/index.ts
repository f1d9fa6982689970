/**
 * The folder that one twin lives in on this machine: its layout, its settings, its lock, and how it is made.
 *
 * @packageDocumentation
 */
export { type Config, readConfig, type StartSettings, updateConfig, writeConfig } from './config.ts'
export { checkPrivateFolder, type Home, HomeError, homeAt, makePrivateFolder } from './home.ts'
export { readIdentity, writeIdentity } from './identity-file.ts'
export { phraseFrom, readKit, writeKit } from './kit.ts'
export { isRunning, lockHolder, lockHome } from './lock.ts'
export { readSeen, type Seen, writeSeen } from './seen-file.ts'
export { writePrivateFile } from './write-file.ts'
