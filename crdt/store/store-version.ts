/** The store rows that say which version of FORMATS §8 a program has to know, and which release does. */
export const versionKey = 'meta/version'
export const readerKey = 'meta/reader'

export const firstVersion = 1
export const newestVersion = 2

/** The first release that reads each version. */
const releases = ['0.1.0', '0.1.0']

/** The part of a key that says what it is, behind the space: `c/<space hex>/m/…` */
const sortAt = 'c/'.length + 64 + 1
const released = 3

/**
 * The first version whose programs can read a row. One of version 1 finds a log damaged whose beginning is gone, reads documents without
 * their milestone, and shows what removals took out.
 */
export function versionFor(key: string, value: Uint8Array): number {
  if (key.startsWith('c/')) return 'mbn'.includes(key.charAt(sortAt)) ? 2 : 1
  if (key.startsWith('g/')) return key[sortAt] === 'e' && value[0] === released ? 2 : 1
  return key.startsWith('q/') ? 2 : 1
}

export function readerOf(version: number): Uint8Array {
  return new TextEncoder().encode(releases[version - 1])
}

/** Why a store is not opened, with what opens it. */
export function newerRefusal(version: number, reader: Uint8Array | undefined): string {
  const release = new TextDecoder().decode(reader?.subarray(0, 32))
  const needed = /^\d+\.\d+\.\d+$/.test(release) ? `release ${release} or a later one` : 'the release that wrote it'
  return `The store needs ${needed}: it has version ${version}, and this program reads up to ${newestVersion}. Nothing was changed`
}
