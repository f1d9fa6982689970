/** Says that there was a device, beside the storage that holds it: whoever finds only this has lost something. */
const markKey = 'twinmesh.device'

export const deviceMark = {
  /** Whether this browser was paired, by all that can be told without opening its storage */
  isThere: (): boolean => localStorage.getItem(markKey) !== null,
  set: (peer: string): void => localStorage.setItem(markKey, peer),
  remove: (): void => localStorage.removeItem(markKey)
}
